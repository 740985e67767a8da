// The rest of what a page may do with the chat: events, the visitor's identity, what the team shall know of the page,
// messages that speak first, the chat in the flow of the page, `<oriel-chat>`. Comes when something needs it.
//
// Keeps true: the page hears nobody's words unless it asked for them; storage is touched only for rules that the site
// gave a period of more than a page's life.
import { inline } from "./inline";
import type { Call, Chat, Core, Message, Next } from "./core";
import { define } from "./element";
import { Proactive } from "./proactive";
import { sheet } from "./sheet";
import { sound } from "./sound";

type Listener = (detail: any) => void;

const SHEET =
  ".badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-inline-size:20px;box-sizing:border-box;" +
  "padding:0 5px;border:1px solid #0000;border-radius:10px;background:#b3261e;color:#fff;font:600 12px/20px system-ui;text-align:center}";

/** Longest text that the page may give to the chat; the edge takes no longer one. */
const MAX_CHARS = 4000;

/** Who a token names, as far as it can be read. Only for telling the same person from another one. */
const subject = (token: unknown) => {
  try {
    return JSON.parse(atob(`${token}`.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub as string;
  } catch {
    return;
  }
};

const attach = (core: Core) => {
  const { options, shadow, button } = core;
  const { signal } = core.end;
  let listeners: { name: string; hear: Listener; hearsText: boolean; isOnce: boolean }[] = [];
  /** What the frame said last of itself. */
  let state: Message = { type: "state" };
  let isOpen = false;
  let wantsText = false;
  let context: object | undefined;
  /** What waits for the frame's program. */
  let pending: Message[] = [];

  const emit = (name: string, detail: object) => {
    for (const listener of listeners.filter((listener) => listener.name == name)) {
      if (listener.isOnce) listeners = listeners.filter((other) => other != listener);
      try {
        listener.hear(listener.hearsText ? detail : { ...detail, text: undefined });
      } catch (error) {
        // The page's own fault, told where the page's other faults are told.
        reportError(error);
      }
    }
  };

  const say = (type: string, more: object = {}) => {
    const message = { type, ...more };
    if (core.isReady) core.port!.postMessage(message);
    else pending.push(message);
  };
  /** One printable line of at most so many characters, or nothing. */
  const line = (value: unknown, max: number) =>
    value == undefined
      ? undefined
      : [...`${value}`.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim()].slice(0, max).join("") || undefined;
  const words = (text: unknown) => `${text}`.slice(0, MAX_CHARS);

  const greet = () => {
    if (wantsText) say("watch");
    if (context) say("context", context);
    for (const message of pending.splice(0)) core.port!.postMessage(message);
    emit("ready", {});
  };

  const badge = document.createElement("span");
  badge.className = "badge";
  const count = () => {
    const n = core.isOpen ? 0 : +state.unread || 0;
    badge.remove();
    if (n) {
      badge.textContent = n > 9 ? "9+" : `${n}`;
      button.append(badge);
    }
    if (!core.isOpen) button.setAttribute("aria-label", core.name + (n ? ` (${n})` : ""));
    if (options.title == "unread") document.title = (n ? `(${n}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  };

  const proactive = new Proactive(core);

  const calls: Record<string, (...call: any[]) => void> = {
    heard: (message: Message) => core.heard!(message),
    ask(text) {
      core.turn!(true);
      say("ask", { text: words(text) });
    },
    prefill: (text) => say("prefill", { text: words(text) }),
    identify() {
      // Whoever was asked for is who is here, unless that was somebody else.
      const { asked, identity } = core;
      if (core.frame && asked !== identity && !(subject(asked) && subject(asked) == subject(identity))) {
        say("restart");
        if (context) say("context", context);
      }
    },
    reset() {
      core.identity = undefined;
      context = undefined;
      core.prefetch();
      say("reset");
    },
    setContext(next) {
      const { page, title, ...more } = Object(next);
      context = {
        page: line(page == undefined ? page : new URL(page, document.baseURI).href, 2000),
        title: line(title, 200),
        facts: Object.entries(more)
          .map(([name, value]) => ({ name: line(name, 64), value: line(value, 200) }))
          .filter(({ name, value }) => name && value)
          .slice(0, 16),
      };
      if (core.isReady) say("context", context);
    },
    on: (name, hear, how) => listen(name, hear, how, false),
    once: (name, hear, how) => listen(name, hear, how, true),
    off(name, hear) {
      listeners = listeners.filter((other) => other.name != name || (hear && other.hear != hear));
    },
    trigger: (name) => proactive.trigger(name),
    proactive: (rules) => proactive.follow(rules),
  };

  const listen = (name: string, hear: Listener, how: { text?: boolean } | undefined, isOnce: boolean) => {
    const hearsText = !!how?.text;
    listeners.push({ name, hear, hearsText, isOnce });
    if (!hearsText || wantsText) return;
    wantsText = true;
    if (core.isReady) say("watch");
  };

  core.heard = (message) => {
    const { type, ...detail } = message;
    if (type == "drawn") {
      if (isOpen != !!core.isOpen) {
        isOpen = !isOpen;
        if (isOpen) proactive.hide();
        emit(isOpen ? "open" : "close", {});
        count();
      }
    } else if (type == "ready") greet();
    else if (type == "state") {
      const before = state;
      state = message;
      if ((before.unread || "0") != message.unread) emit("unread", { count: +message.unread });
      if (before.status != message.status) emit("status", { status: message.status });
      if (before.away != message.away) emit("availability", { available: !message.away });
      if (before.connection != message.connection) emit("connection", { state: message.connection });
      count();
    } else if (type == "message") {
      emit(type, { ...detail, seq: +detail.seq });
      // The frame counts what nobody has looked at.
      if (options.sound == "on" && /assistant|agent/.test(detail.role))
        sound(options.site!, () => +state.unread > 0 && !signal.aborted);
    } else if (type == "ticket_failed" || type == "error") emit("error", { code: detail.code });
  };

  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet(SHEET)];
  signal.addEventListener("abort", () => {
    state = { type: "state" };
    count();
    listeners = [];
  });
  if (options.mode == "inline") inline(core);

  let isCaughtUp = false;
  return () => {
    for (const [name, ...call] of core.queue.splice(0) as Call[]) calls[name]?.(...call);
    if (isCaughtUp) return;
    // What has happened before this file was here; whoever listens has been heard by now.
    isCaughtUp = true;
    if (core.isReady) greet();
    for (const message of [{ type: "drawn" }, core.state, core.failed]) if (message) core.heard!(message);
  };
};

const steps = new WeakMap<Core, () => void>();
export default ((core: Core, chat: Chat) => {
  define(chat);
  if (!core.options.site) return;
  if (!steps.has(core)) steps.set(core, attach(core));
  steps.get(core)!();
}) satisfies Next;
