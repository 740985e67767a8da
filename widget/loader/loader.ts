// What every host page loads: the launcher, and the chat on intent.
//
// Keeps true: no cookie, no storage, and no request before intent (pointer over, focus, touch, click or a call of the
// API). Everything lives in one closed shadow root with a constructable style sheet, so a page under `default-src
// 'none'` needs our origin in script-src, connect-src and frame-src, and nothing more. The root stands beside `body`,
// not in it: routers that swap the body leave the chat alone, and an open one stays open.
//
// On intent the iframe, the ticket and panel.ts are fetched side by side. The path and integrity of panel.ts are
// written in by the build: what this file pins is what runs. Until it is there, calls wait in a queue.
import type { Call, Chat, Core, Identity, Load } from "./core";

declare const PANEL_PATH: string;
declare const PANEL_INTEGRITY: string;

const page = document;
const html = page.documentElement;
const script = page.currentScript as HTMLScriptElement;
const edge = new URL(script.src).origin;
const make = page.createElement.bind(page);
/** The API of a site's chat, or of any. Routers keep copies of what they take off the page, and copies have none. */
const find = (site?: string) =>
  [...page.querySelectorAll<HTMLElement>("oriel-root")].find(
    (root) => root.oriel && (!site || root.dataset.site == site),
  )?.oriel;

let n_tries = 0;
/** Runs another script of ours, if it is the one that was pinned. A page that requires trusted types lets no text be a
 * script's address; there the module is preloaded under the pin, which holds for its import too. */
const load: Load = (path, integrity, failed) =>
  new Promise((resolve) => {
    // A module that did not come need not be asked for again under the same address, fragment included.
    const url = edge + path + "#" + n_tries++;
    let second: any = make("script");
    try {
      // Not on a link: WebKit fetches nothing of that type.
      second.type = "module";
      second.src = url;
    } catch {
      second = make("link");
    }
    // Script and link each read the properties that they know.
    second.rel = "modulepreload";
    second.href = url;
    second.integrity = integrity;
    second.crossOrigin = "";
    second.nonce = script.nonce;
    second.onload = () => {
      second.remove();
      // It is here already: the import fetches nothing else.
      resolve(import(url));
    };
    second.onerror = failed;
    page.head.append(second);
  });

let panel: ReturnType<Load> | undefined;

const chat: Chat = (options) => {
  const { label, scheme, launcher, position = "" } = options;
  const isInline = options.mode == "inline";
  const site = encodeURIComponent(options.site!);
  const host = make("oriel-root");
  const shadow = host.attachShadow({ mode: "closed" });
  const button = make("button");
  const set = (element: Element, name: string, value: string, ...children: Node[]) => {
    element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  set(host, "data-site", options.site!);
  const svg = (tag: string) => page.createElementNS("http://www.w3.org/2000/svg", tag);
  set(button, "aria-label", label || "Open chat");
  set(
    button,
    "aria-expanded",
    "false",
    // An oriel window that is a speech bubble too: an arch with mullions, and a tail.
    set(svg("svg"), "viewBox", "0 0 24 24", set(svg("path"), "d", "M4.5 19.5V11a7.5 7.5 0 0 1 15 0v6H8zM12 3.5V17M4.5 11h15"), set(svg("path"), "d", "M7 10l5 5 5-5")),
  );
  if (label && options.shape == "pill") button.append(label);
  shadow.append(button);

  // Options are taken when they are exactly what they may be; the style sheet holds nothing else of theirs.
  const [, x = 20, y = 20] = /^(1?\d?\d|200)[ ,](1?\d?\d|200)$/.exec(options.offset!) || [];
  const accent = /^#[\da-f]{6}$/i.test(options.accent!) ? options.accent! : "";
  // Relative luminance, WCAG 2.2: above 0.179, black is easier to read on it than white.
  const [red, green, blue] = [1, 3, 5].map((at) => ((parseInt(accent.substr(at, 2), 16) + 14) / 269) ** 2.4);
  const block = /top/.test(position) ? "top" : "bottom";

  // `!important` because the page's own rules win over `:host` otherwise; a star rule with a margin would do.
  const style = new CSSStyleSheet();
  style.replaceSync(
    ":host{all:initial!important;position:fixed!important;z-index:2147483000!important;" +
      "--ink:#fff;--fill:#1b5e4f;" +
      `--side:max(${x}px,env(safe-area-inset-left),env(safe-area-inset-right));` +
      `--foot:calc(${y}px + env(safe-area-inset-${block}))}` +
      `@media ${scheme == "dark" ? "all" : scheme == "light" ? "not all" : "(prefers-color-scheme:dark)"}{` +
      ":host{--ink:#000;--fill:#86cdb6}}" +
      (accent && `:host{--fill:${accent};--ink:#${0.213 * red + 0.715 * green + 0.072 * blue > 0.179 ? "000" : "fff"}}`) +
      `button{position:fixed;inset-inline-${/start/.test(position) ? "start" : "end"}:var(--side);${block}:var(--foot);` +
      "display:flex;gap:8px;align-items:center;padding:13px;" +
      // The border is seen in forced colours only.
      "border:1px solid #0000;border-radius:28px;cursor:pointer;font:600 16px system-ui;" +
      "background:var(--fill);color:var(--ink);box-shadow:0 3px 14px #0004}" +
      "*{transition:.2s}button:hover{scale:1.05}" +
      // Two rings that differ from each other: one of them differs from any page.
      "button:focus-visible{outline:3px solid var(--fill);outline-offset:3px;box-shadow:0 0 0 3px var(--ink)}" +
      "iframe{visibility:hidden}svg{inline-size:28px}" +
      "path{fill:none;stroke:currentColor;stroke-width:1.75;stroke-linejoin:round}" +
      "path+path{opacity:0}" +
      "@media(prefers-reduced-motion){*{transition:none!important}}" +
      "@media print{:host{display:none!important}}",
  );
  shadow.adoptedStyleSheets = [style];

  const more = () => {
    panel ||= load(PANEL_PATH, PANEL_INTEGRITY, () => {
      // The only words of this file, because the translated ones are in files that did not come. The next try starts
      // anew.
      button.textContent = "Chat unavailable";
      set(button, "aria-label", "");
      panel = undefined;
    });
    panel.then((next) => next.default(core, chat));
  };

  const core: Core = {
    options,
    shadow,
    button,
    queue: [],
    load,
    end: new AbortController(),
    async ask() {
      const identity = (core.ticketIdentity = core.identity);
      const token = typeof identity == "function" ? await identity() : identity;
      return fetch(`${edge}/v1/sites/${site}/tickets`, {
        method: "POST",
        // Without a body the call needs no preflight and is a round trip less.
        body: token && new Blob([JSON.stringify({ token })], { type: "application/json" }),
      });
    },
    prefetch() {
      if (!core.frame) {
        const frame = (core.frame = make("iframe"));
        frame.src = `${edge}/frame?site=${site}&lang=${encodeURIComponent([options.locale, html.lang] as any)}`;
        core.loaded = new Promise((resolve) => (frame.onload = resolve));
        shadow.append(frame);
        core.reply = core.ask().catch(() => {});
      }
      more();
    },
  };

  const api: Record<string, (...call: any[]) => unknown> = (host.oriel = {
    for: find,
    push: (...calls: Call[]) => calls.forEach(([name, ...call]) => api[name](...call)),
    show: () => (button.style.display = ""),
    hide: () => (button.style.display = "none"),
    destroy() {
      core.prefetch = () => {};
      core.end.abort();
      host.remove();
      if (window.Oriel == api) window.Oriel = find();
    },
  });
  // The first two fetch the chat, the next ones the API; the others wait in the queue until the chat is there.
  "open ask toggle close trigger proactive reset identify prefill setContext on off once".split(" ").forEach((name, at) => {
    api[name] = (...call) => {
      core.queue.push([name, ...call]);
      if (at == 7) core.identity = call[0] as Identity;
      if (at < 2) core.prefetch();
      else if (at < 7 || core.frame) more();
    };
  });

  const { signal } = core.end;
  // A finger is a pointer, too.
  for (const type of "click pointerover focusin".split(" "))
    (launcher ? page : button).addEventListener(
      type,
      (event) => {
        if (launcher && !(event.target as Element).closest(launcher)) return;
        core.prefetch();
        if (type == "click") {
          event.preventDefault();
          // A panel that did not come is not opened by what brings it later.
          panel!.then(api.toggle);
        }
      },
      { signal },
    );
  if (launcher || isInline) api.hide();

  /** One chat a site: the same script twice, by a tag manager or a client-side router, draws nothing new. */
  const mount = () => {
    // A script without a site is there for `<oriel-chat>`.
    if (!options.site) return more();
    if (find(options.site)) return;
    html.append(host);
    const { Oriel } = window;
    if (!Oriel || Array.isArray(Oriel)) {
      window.Oriel = api;
      // Calls that the page queued before this script was there.
      if (Oriel) api.push(...Oriel);
    }
    if (isInline) more();
    if (options.preload == "idle") (self.requestIdleCallback || setTimeout)(core.prefetch);
  };
  if (page.body) mount();
  else addEventListener("DOMContentLoaded", mount, { signal });
  return core;
};

chat(script.dataset);
