// `<oriel-chat site="pk_…">`: a chat that is there for as long as its element is. Its attributes are those of the
// script tag, without `data-`. With `mode="inline"` the element holds the chat.
//
// Keeps true: the chat follows its element's attributes, whenever they are set. An element that is only moved, or set
// up step by step, as frameworks do, is read when all of that is done.
import attributes from "../../shared/src/embed_attributes.json";
import type { Chat, Core, Options } from "./core";

const NAME = "oriel-chat";

const ATTRIBUTES = Object.keys(attributes) as (keyof Options)[];

export const define = (chat: Chat) => {
  if (customElements.get(NAME)) return;

  /** Elements of sites that have a chat elsewhere on the page. */
  const waiting = new Set<Element & { update(): void }>();

  class OrielChat extends HTMLElement {
    static observedAttributes = ATTRIBUTES.flatMap((name) => [name, `data-${name}`]);

    private core?: Core;
    /** The attributes that the chat was made of. */
    private made = "";

    connectedCallback() {
      queueMicrotask(() => this.update());
    }

    disconnectedCallback() {
      this.connectedCallback();
    }

    attributeChangedCallback() {
      this.connectedCallback();
    }

    update() {
      const options: Options = {};
      if (this.isConnected)
        for (const name of ATTRIBUTES) {
          const value = this.getAttribute(name) ?? this.getAttribute(`data-${name}`);
          if (value != null) options[name] = value;
        }
      const wanted = this.isConnected ? JSON.stringify(options) : "";
      if (wanted == this.made && !waiting.has(this)) return;
      this.made = wanted;
      waiting.delete(this);
      if (this.core) {
        this.end();
        for (const other of [...waiting]) other.update();
      }
      if (!this.isConnected) return;
      if (!options.site) return console.warn("Oriel: <oriel-chat> needs a site");
      if (options.mode == "inline" && !this.style.display) this.style.display = "block";
      const core = (this.core = chat(options));
      // Before the panel is drawn, which is never at once.
      core.place = this;
      if (core.shadow.host.isConnected) return;
      waiting.add(this);
      this.end();
    }

    /** Takes the chat off the page. */
    private end() {
      (this.core!.shadow.host as HTMLElement).oriel.destroy();
      this.core = undefined;
    }
  }

  customElements.define(NAME, OrielChat);
};
