// The only code on the host page: a launcher button and, from the first intent on, the frame behind it.
//
// Keeps true: no cookie, no storage, and no request before intent (pointer over, focus, touch, click or an API call).
// Everything lives in one closed shadow root with a constructable style sheet, so a page under `default-src 'none'`
// needs our origin in script-src, connect-src and frame-src, and nothing more. What it says to the frame goes to the
// edge's exact origin, through a channel whose other end nobody else holds.

/** What the page may call. */
interface OrielApi {
  open(): void;
  close(): void;
  toggle(): void;
  /** Takes the chat off the page, its global included. */
  destroy(): void;
}

interface Window {
  Oriel?: OrielApi;
}

/** An oriel window that is a speech bubble too: an arch with mullions, and a tail. */
const ORIEL = "M4.5 19.5V11a7.5 7.5 0 0 1 15 0v6H8zM12 3.5V17M4.5 11h15";

(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  const site = script?.dataset.site;
  if (!script || !site) {
    console.warn("Oriel: the script tag needs data-site");
    return;
  }
  const edge = new URL(script.src).origin;

  // `!important` because the page's own rules win over `:host` otherwise; a star rule with a margin would do.
  const style = new CSSStyleSheet();
  style.replaceSync(
    ":host{all:initial!important;position:fixed!important;z-index:2147483000!important;" +
      "--ink:#fff;--fill:#1b5e4f;--paper:#fcfbf8;--text:#22211e;" +
      "--side:max(20px,env(safe-area-inset-left),env(safe-area-inset-right));--foot:calc(20px + env(safe-area-inset-bottom))}" +
      "button,.panel{position:fixed;inset-inline-end:var(--side);inset-block-end:var(--foot);box-sizing:border-box;" +
      // Seen in forced colours only.
      "border:1px solid #0000;transition:opacity .2s,transform .2s}" +
      "button{z-index:1;inline-size:56px;block-size:56px;padding:13px;border-radius:50%;cursor:pointer;" +
      "background:var(--fill);color:var(--ink);box-shadow:0 1px 2px #0003,0 6px 20px #0003}" +
      "button:hover{transform:translateY(-2px)}" +
      "button:focus-visible{outline:3px solid var(--fill);outline-offset:3px}" +
      "path{fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round;transition:opacity .2s}" +
      "path+path,[aria-expanded=true] path{opacity:0}" +
      "[aria-expanded=true] path+path{opacity:1}" +
      ".panel{inset-block-end:calc(var(--foot) + 72px);inline-size:min(400px,100vw - 2*var(--side));" +
      "block-size:min(640px,100vh - 112px);margin:0;border-radius:16px;background:var(--paper);color-scheme:light dark;" +
      "box-shadow:0 0 0 1px #8883,0 4px 12px #0002,0 16px 48px #0003;visibility:hidden;opacity:0;transform:translateY(10px)}" +
      ".open{visibility:visible;opacity:1;transform:none}" +
      "p{display:grid;place-content:center;color:var(--text);font:16px system-ui;text-align:center}" +
      "@media(prefers-color-scheme:dark){:host{--ink:#0b211b;--fill:#86cdb6;--paper:#171816;--text:#eceae4}}" +
      "@media(max-width:480px),(max-height:480px){.panel{inset:0;inline-size:100%;block-size:100%;border-radius:0}" +
      ".under{visibility:hidden}}" +
      "@media(prefers-reduced-motion){*{transition:none!important}}" +
      "@media print{:host{display:none!important}}",
  );

  const host = document.createElement("oriel-root");
  host.dataset.site = site;
  const root = host.attachShadow({ mode: "closed" });
  root.adoptedStyleSheets = [style];

  const svg = (tag: string, name: string, value: string, ...children: Node[]) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const button = document.createElement("button");
  button.type = "button";
  button.append(svg("svg", "viewBox", "0 0 24 24", svg("path", "d", ORIEL), svg("path", "d", "M7 10l5 5 5-5")));
  root.append(button);

  let panel: HTMLElement | undefined;
  let port: MessagePort | undefined;
  let isReady = false;
  let isOpen = false;
  /** The ticket call that goes with a new frame; the hello waits for it, so that a refused page sends none. */
  let firstTicket: Promise<object | undefined>;

  const draw = () => {
    button.setAttribute("aria-expanded", `${isOpen}`);
    button.setAttribute("aria-label", isOpen ? "Close chat" : "Open chat");
    panel?.classList.toggle("open", isOpen);
    // A panel that covers the screen covers the launcher too, once it has a way out of its own.
    button.classList.toggle("under", isOpen && isReady);
    if (isReady) port!.postMessage({ type: isOpen ? "shown" : "hidden", focus: root.activeElement == panel });
  };

  /** Asks the edge, as this page, for a ticket. Answers with what the frame shall be told; with nothing when the page
   * is refused: then its frame is too, and the panel says so in words instead of the browser's error page. */
  const ticket = async (): Promise<object | undefined> => {
    let status = 0;
    let code;
    let retry_after;
    try {
      // No body and no header of its own: a call that needs no preflight is a round trip less.
      const reply = await fetch(`${edge}/v1/sites/${encodeURIComponent(site)}/tickets`, {
        method: "POST",
        credentials: "omit",
      });
      status = reply.status;
      retry_after = +reply.headers.get("retry-after")!;
      const body = await reply.json();
      if (reply.ok) return { type: "ticket", ticket: body.ticket };
      code = body.code;
    } catch {
      // Refused pages may not read why, and neither may pages that are offline.
    }
    console.warn(
      `Oriel: no ticket for site ${site}: ` +
        (status
          ? `${status} ${code}`
          : `is ${location.origin} in its safelist, the site enabled, and ${edge} in the page's connect-src?`),
    );
    if (!isReady && !status) {
      const words = document.createElement("p");
      words.textContent = "The chat is not available on this page.";
      words.className = "panel";
      panel!.replaceWith(words);
      panel = words;
      draw();
      return;
    }
    return { type: "ticket_failed", code: code || "unreachable", status, retry_after };
  };

  /** First intent: the frame, hidden, and the ticket, side by side. */
  const prefetch = () => {
    if (panel) return;
    const frame = document.createElement("iframe");
    panel = frame;
    frame.className = "panel";
    frame.title = "Chat";
    const wishes = `${script.dataset.locale || ""},${document.documentElement.lang}`;
    frame.src = `${edge}/frame?site=${encodeURIComponent(site)}&lang=${encodeURIComponent(wishes)}`;
    frame.onload = async () => {
      const message = await firstTicket;
      if (!message) return;
      // A frame that loads again, moved by the page's own script, is greeted again.
      const channel = new MessageChannel();
      isReady = false;
      port = channel.port1;
      port.onmessage = async ({ data: { type } }) => {
        if (type == "ready") {
          isReady = true;
          if (isOpen) draw();
        }
        if (type == "ticket_wanted") port!.postMessage(await ticket());
        if (type == "open") open();
        if (type == "close") close();
      };
      port.postMessage(message);
      frame.contentWindow!.postMessage(
        { oriel: 1, type: "hello", dir: getComputedStyle(host).direction, lang: document.documentElement.lang },
        edge,
        [channel.port2],
      );
    };
    root.append(frame);
    firstTicket = ticket();
  };

  const open = () => {
    prefetch();
    isOpen = true;
    // Before the frame is told, so that it knows that the focus is its to give to the field.
    panel!.classList.add("open");
    if (root.activeElement != panel) panel!.focus();
    draw();
  };

  const close = () => {
    // Focus comes back to the launcher when it was in the chat, and stays where it is otherwise.
    const hadFocus = root.activeElement;
    isOpen = false;
    draw();
    if (hadFocus) button.focus();
    // Words instead of a chat: the next try starts anew.
    if (panel?.tagName == "P") panel = panel.remove() as undefined;
  };

  const api: OrielApi = {
    open,
    close,
    toggle: () => (isOpen ? close() : open()),
    destroy: () => {
      removeEventListener("DOMContentLoaded", mount);
      host.remove();
      port?.close();
      if (window.Oriel == api) delete window.Oriel;
    },
  };

  button.onpointerenter = button.onfocus = prefetch;
  button.addEventListener("touchstart", prefetch, { passive: true });
  button.onclick = api.toggle;
  root.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key == "Escape" && isOpen) close();
  });

  /** One chat a site: the same script twice, by a tag manager or a client-side router, draws nothing new. */
  const mount = () => {
    if (document.querySelector(`oriel-root[data-site="${CSS.escape(site)}"]`)) return;
    draw();
    document.body.append(host);
    window.Oriel ||= api;
  };
  if (document.body) mount();
  else addEventListener("DOMContentLoaded", mount);
})();
