// `<oriel-chat site="pk_…">`: a chat that is there for as long as its element is. Its attributes are those of the script
// tag, without `data-`. With `mode="inline"` the element holds the chat.
import type { Chat, Core } from "./core";

const NAME = "oriel-chat";

export const define = (chat: Chat) => {
  if (customElements.get(NAME)) return;
  customElements.define(
    NAME,
    class extends HTMLElement {
      core?: Core;

      connectedCallback() {
        const options: Record<string, string> = {};
        for (const { name, value } of this.attributes) options[name.replace(/^data-/, "")] = value;
        if (!options.site) return console.warn("Oriel: <oriel-chat> needs a site");
        if (options.mode == "inline" && !this.style.display) this.style.display = "block";
        this.core = chat(options);
        // Before the panel is drawn, which is never at once.
        this.core.place = this;
      }

      disconnectedCallback() {
        (this.core?.shadow.host as HTMLElement)?.oriel.destroy();
      }
    },
  );
};
