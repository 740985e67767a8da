// Comes with the first intent, beside the iframe: shows and hides the panel, opens the channel to the iframe, and says
// in words when there is no chat to be had. A page that uses nothing else of the API loads nothing else.
//
// Keeps true: messages to the iframe go to the edge's exact origin; messages from it come through a channel that nobody
// else holds. The rest of the API is in api.ts, pinned here by the integrity that the build writes in.
import type { Call, Chat, Core, Load, Message, Next } from "./core";
import { sheet } from "./sheet";

declare const API_PATH: string;
declare const API_INTEGRITY: string;

const edge = new URL(import.meta.url).origin;

const SHEET =
  ":host{--paper:#fcfbf8;--text:#22211e}" +
  ".panel{position:fixed;inset-inline-end:var(--side);inset-block-end:calc(var(--foot) + 72px);box-sizing:border-box;" +
  "inline-size:min(400px,100vw - 2*var(--side));block-size:min(640px,100vh - 72px - 2*var(--foot));margin:0;" +
  // The border is seen in forced colours only.
  "border:1px solid #0000;border-radius:var(--radius);background:var(--paper);color-scheme:light dark;" +
  "box-shadow:0 0 0 1px #8883,0 4px 12px #0002,0 16px 48px #0003;visibility:hidden;transform:translateY(10px);" +
  // Motion alone: a panel that fades in is seen, and takes its focus, some frames later.
  "transition:transform .2s}" +
  ".panel.start{inset-inline:var(--side) auto}" +
  ".panel.top{inset-block:calc(var(--foot) + 72px) auto}" +
  ".panel.large{inline-size:min(720px,100vw - 2*var(--side));block-size:calc(100vh - 72px - 2*var(--foot))}" +
  ".panel.open{visibility:visible;transform:none}" +
  ".panel.light{color-scheme:light}.panel.dark{color-scheme:dark}" +
  "button{z-index:1}" +
  "[aria-expanded=true] path{opacity:0}[aria-expanded=true] path+path{opacity:1}" +
  "p{display:grid;place-content:center;padding:24px;color:var(--text);font:16px system-ui;text-align:center}";

/** What is dark, when it is. */
const DARK = ":host{--paper:#171816;--text:#eceae4}";

/** Where the panel covers the screen. The keyboard of a phone takes its part of it. */
const COVERS = "(max-width:480px),(max-height:480px)";
const COVERING =
  ".panel.panel{inset:var(--top,0) 0 auto;inline-size:100%;block-size:var(--seen,100%);border-radius:0;" +
  // Not every browser tells iframes of the safe area.
  "padding:env(safe-area-inset-top)env(safe-area-inset-right)env(safe-area-inset-bottom)env(safe-area-inset-left)}" +
  ".under{visibility:hidden}";

let api: ReturnType<Load> | undefined;

/** To be called whenever the queue of a chat has grown. */
const steps = new WeakMap<Core, () => void>();

const start = (core: Core, chat: Chat) => {
  const { options, shadow, button } = core;
  const { label, launcher, scheme, mode, position = "" } = options;
  const { signal } = core.end;
  const radius = options.radius && +options.radius >= 0 && +options.radius <= 24 ? +options.radius : undefined;
  const covers = matchMedia(COVERS);
  const lock = sheet("html{overflow:hidden!important}");
  /** The iframe, or words in its place. */
  let panel: HTMLElement | undefined;
  let words: { open: string; close: string } = { open: "Open chat", close: "Close chat" };
  /** What gets the focus back. */
  let opener: HTMLElement | null;

  shadow.adoptedStyleSheets = [
    ...shadow.adoptedStyleSheets,
    sheet(
      `:host{--radius:${radius ?? 16}px}${SHEET}@media ${
        scheme == "dark" ? "all" : scheme == "light" ? "not all" : "(prefers-color-scheme:dark)"
      }{${DARK}}@media ${COVERS}{${COVERING}}`,
    ),
  ];

  const loadApi = (...call: Call | []) => {
    if (call[0]) core.queue.push(call as Call);
    // Without it the chat goes on, and the next call tries again.
    api ||= core.load(API_PATH, API_INTEGRITY, () => (api = undefined));
    api.then((next) => signal.aborted || next.default(core, chat));
  };

  const controls = () => [button, ...(launcher ? document.querySelectorAll(launcher) : [])];

  const render = () => {
    const isOpen = !!core.isOpen;
    for (const control of controls()) control.setAttribute("aria-expanded", `${isOpen}`);
    core.name = label || words.open;
    button.setAttribute("aria-label", isOpen && !label ? words.close : core.name);
    // Instead of "Chat unavailable", which loader.ts wrote when this file did not come at first.
    button.firstElementChild || (button.textContent = core.name);
    panel?.classList.toggle("open", isOpen);
    // A panel that covers the screen covers the launcher too, once it has a way out of its own.
    button.classList.toggle("under", isOpen && !!core.isReady);
    core.port?.postMessage({ type: isOpen ? "shown" : "hidden", focus: shadow.activeElement == panel });
    fitScreen();
    core.onMessage?.({ type: "drawn" });
  };

  /** The iframe shows the buttons that have a use: a panel that covers the screen has one size. */
  const sendMode = () =>
    core.port?.postMessage({ type: "mode", mode: mode == "inline" ? mode : covers.matches ? "screen" : "panel" });

  /** The page behind a panel that covers it stays where it is; the panel stays above the keyboard. */
  const fitScreen = () => {
    const isCovering = core.isOpen && covers.matches && mode != "inline" && !signal.aborted;
    document.adoptedStyleSheets = document.adoptedStyleSheets
      .filter((other) => other != lock)
      .concat(isCovering ? lock : []);
    const seen = visualViewport!;
    // A visitor who zooms in by hand wants the panel larger, not smaller.
    if (isCovering && seen.scale < 1.01) {
      panel!.style.setProperty("--seen", `${seen.height}px`);
      panel!.style.setProperty("--top", `${seen.offsetTop}px`);
    } else panel?.removeAttribute("style");
  };

  const show = (next: HTMLElement) => {
    panel = next;
    panel.className = ["panel", ...(position.match(/start|top/g) || []), /^(light|dark)$/.test(scheme!) ? scheme : ""].join(" ");
  };

  /** Turns the edge's response into a message for the iframe. Returns nothing when the page is refused: then its iframe is
   * too, and the panel says so in words instead of the browser's error page. */
  const readTicket = async (reply: Response | void): Promise<Message | undefined> => {
    let code;
    try {
      const body = await reply!.json();
      core.failed = undefined;
      if (reply!.ok) return { type: "ticket", ticket: body.ticket, verified: body.verified };
      code = body.code;
    } catch {
      // Refused pages may not read why, and neither may pages that are offline.
    }
    const status = reply ? reply.status : 0;
    console.warn(
      `Oriel: no ticket for site ${options.site}: ` +
        (status
          ? `${status} ${code}`
          : `is ${location.origin} in its safelist, the site enabled, and ${edge} in the page's connect-src?`),
    );
    const failed = {
      type: "ticket_failed",
      code: code || "unreachable",
      status,
      retry_after: reply && +reply.headers.get("retry-after")!,
    };
    core.failed = failed;
    core.onMessage?.(failed);
    if (core.isReady || status) return failed;
    const instead = document.createElement("p");
    instead.textContent = "The chat is not available on this page.";
    panel!.replaceWith(instead);
    show(instead);
    render();
    return;
  };

  /** A ticket for the identity that holds when it comes. */
  const newTicket = async (): Promise<Message | undefined> => {
    const message = await core.ask().catch(() => {}).then(readTicket);
    return core.ticketIdentity == core.identity ? message : newTicket();
  };

  /** Opens the channel to a new iframe, and to the same one again when the page's own script has moved it. */
  const connect = (frame: HTMLIFrameElement) => {
    show(frame);
    frame.title = "Chat";
    const first = core.reply!.then(readTicket);
    const hello = async () => {
      const message = await first;
      if (!message) return;
      // An iframe that had the focus before its document came leaves it nowhere: it has to enter once more.
      if (shadow.activeElement == panel) {
        panel!.blur();
        panel!.focus();
      }
      const { port1, port2 } = new MessageChannel();
      core.isReady = false;
      core.port = port1;
      port1.onmessage = async ({ data }) => {
        const { type } = data as Message;
        if (type == "state") core.state = data;
        if (type == "ready") {
          core.isReady = true;
          // The names of the launcher, in the visitor's language.
          if (data.words) words = data.words;
          render();
        } else if (type == "ticket_wanted") port1.postMessage(await newTicket());
        else if (type == "open" || type == "close") return core.setOpen!(type == "open");
        else if (type == "size") return panel!.classList.toggle("large");
        // Somebody has answered while the panel was closed: api.ts shows how often.
        else if (!core.onMessage && !core.isOpen && +data.unread) loadApi("onMessage", data);
        core.onMessage?.(data);
      };
      port1.postMessage(message);
      sendMode();
      frame.contentWindow!.postMessage(
        {
          oriel: 1,
          type: "hello",
          accent: options.accent,
          scheme,
          // Without a value here the site's own counts.
          radius,
          // A visitor with a token is not the one whose cookie may be here.
          signed: message.verified || /token/.test(message.code),
        },
        edge,
        [port2],
      );
    };
    core.loaded!.then(() => {
      frame.onload = hello;
      hello();
    });
    // In the flow of the page it is open before there is anything to see.
    if (core.isOpen) render();
  };

  core.setOpen = (isOpen) => {
    if (isOpen) {
      core.prefetch();
      connectNew();
      if (!core.isOpen) opener = button.style.display ? (document.activeElement as HTMLElement) : button;
      core.isOpen = true;
      // Before the iframe is told, so that it knows that it has the focus and gives it to the field.
      panel!.classList.add("open");
      const enter = () => {
        if (shadow.activeElement != panel) panel!.focus();
        render();
      };
      enter();
      // Firefox moves no focus into an iframe while it tells of a key.
      if (shadow.activeElement != panel) setTimeout(() => core.isOpen && enter());
      return;
    }
    // A focus in the chat goes back to where it came from; elsewhere it stays.
    const hadFocus = shadow.activeElement;
    core.isOpen = false;
    render();
    if (hadFocus) opener?.focus();
    // The chat was not available: the next try starts anew.
    if (panel?.tagName == "P") {
      panel.remove();
      core.frame = panel = undefined;
    }
  };

  let connected: HTMLIFrameElement | undefined;
  const connectNew = () => {
    if (core.frame && core.frame != connected) connect((connected = core.frame));
  };

  shadow.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key == "Escape" && core.isOpen) core.setOpen!(false);
  });
  for (const type of ["resize", "scroll"]) visualViewport!.addEventListener(type, () => core.isOpen && fitScreen(), { signal });
  signal.addEventListener("abort", () => {
    fitScreen();
    core.port?.close();
    for (const control of controls()) control.removeAttribute("aria-expanded");
  });
  covers.addEventListener("change", sendMode, { signal });

  return () => {
    connectNew();
    // A second tap because nothing came yet is not meant to close the chat.
    const { isOpen } = core;
    core.queue = core.queue.filter(([name]) => {
      if (!/^(open|close|toggle)$/.test(name)) return true;
      core.setOpen!(name == "open" || (name == "toggle" && !isOpen));
      return false;
    });
    if (core.queue[0] || ((mode == "inline" || options.sound) && !core.onMessage) || !options.site) loadApi();
  };
};

export default ((core, chat) => {
  if (core.end.signal.aborted) return;
  if (!steps.has(core)) steps.set(core, start(core, chat));
  steps.get(core)!();
}) satisfies Next;
