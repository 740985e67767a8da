// The rest of what a page may do with the chat: events, the visitor's identity, what the team shall know of the page,
// proactive messages, the chat in the flow of the page, `<oriel-chat>`. Comes when something needs it.
//
// Keeps true: the page gets the text of messages only if it asked for it; storage is touched only for proactive rules
// that have a period of more than a page's life.
import { inline } from "./inline";
import type { Call, Chat, Core, Message, Next } from "./core";
import { define } from "./element";
import { Proactive } from "./proactive";
import { sheet } from "./sheet";
import { sound } from "./sound";

type Callback = (detail: any) => void;

const SHEET =
  ".badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-inline-size:20px;box-sizing:border-box;" +
  "padding:0 5px;border:1px solid #0000;border-radius:10px;background:#b3261e;color:#fff;font:600 12px/20px system-ui;text-align:center}";

/** Longest text that the page may give to the chat; the edge refuses a longer one. */
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
  let listeners: { name: string; callback: Callback; getsText: boolean; isOnce: boolean }[] = [];
  /** The iframe's last `state`. */
  let state: Message = { type: "state" };
  let isOpen = false;
  let wantsText = false;
  let context: object | undefined;
  /** What waits for the iframe's program. */
  let pending: Message[] = [];

  const emit = (name: string, detail: object) => {
    for (const listener of listeners.filter((listener) => listener.name == name)) {
      if (listener.isOnce) listeners = listeners.filter((other) => other != listener);
      try {
        listener.callback(listener.getsText ? detail : { ...detail, text: undefined });
      } catch (error) {
        // An error of the page's: it is reported like its others.
        reportError(error);
      }
    }
  };

  const send = (type: string, more: object = {}) => {
    const message = { type, ...more };
    if (core.isReady) core.port!.postMessage(message);
    else pending.push(message);
  };
  /** One printable line of at most so many characters, or nothing. */
  const line = (value: unknown, max: number) =>
    value == undefined
      ? undefined
      : [...`${value}`.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim()].slice(0, max).join("") || undefined;
  const cut = (text: unknown) => `${text}`.slice(0, MAX_CHARS);

  const onReady = () => {
    if (wantsText) send("watch");
    if (context) send("context", context);
    for (const message of pending.splice(0)) core.port!.postMessage(message);
    emit("ready", {});
  };

  const badge = document.createElement("span");
  badge.className = "badge";
  const showUnread = () => {
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
    onMessage: (message: Message) => core.onMessage!(message),
    ask(text) {
      core.setOpen!(true);
      send("ask", { text: cut(text) });
    },
    prefill: (text) => send("prefill", { text: cut(text) }),
    identify() {
      // Another token of the visitor whom the last ticket was for changes nothing.
      const { ticketIdentity: last, identity } = core;
      if (core.frame && last !== identity && !(subject(last) && subject(last) == subject(identity))) {
        send("restart");
        if (context) send("context", context);
      }
    },
    reset() {
      core.identity = undefined;
      context = undefined;
      core.prefetch();
      send("reset");
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
      if (core.isReady) send("context", context);
    },
    on: (name, callback, wish) => listen(name, callback, wish, false),
    once: (name, callback, wish) => listen(name, callback, wish, true),
    off(name, callback) {
      listeners = listeners.filter((other) => other.name != name || (callback && other.callback != callback));
    },
    trigger: (name) => proactive.trigger(name),
    proactive: (rules) => proactive.setRules(rules),
  };

  const listen = (name: string, callback: Callback, wish: { text?: boolean } | undefined, isOnce: boolean) => {
    const getsText = !!wish?.text;
    listeners.push({ name, callback, getsText, isOnce });
    if (!getsText || wantsText) return;
    wantsText = true;
    if (core.isReady) send("watch");
  };

  core.onMessage = (message) => {
    const { type, ...detail } = message;
    if (type == "drawn") {
      if (isOpen != !!core.isOpen) {
        isOpen = !isOpen;
        if (isOpen) proactive.hide();
        emit(isOpen ? "open" : "close", {});
        showUnread();
      }
    } else if (type == "ready") onReady();
    else if (type == "state") {
      const before = state;
      state = message;
      if ((before.unread || "0") != message.unread) emit("unread", { count: +message.unread });
      if (before.status != message.status) emit("status", { status: message.status });
      if (before.away != message.away) emit("availability", { available: !message.away });
      if (before.connection != message.connection) emit("connection", { state: message.connection });
      showUnread();
    } else if (type == "message") {
      emit(type, { ...detail, seq: +detail.seq });
      // The iframe counts the messages that the visitor has not seen.
      if (options.sound == "on" && /assistant|agent/.test(detail.role))
        sound(options.site!, () => +state.unread > 0 && !signal.aborted);
    } else if (type == "ticket_failed" || type == "error") emit("error", { code: detail.code });
  };

  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet(SHEET)];
  signal.addEventListener("abort", () => {
    state = { type: "state" };
    showUnread();
    listeners = [];
  });
  if (options.mode == "inline") inline(core);

  let isCaughtUp = false;
  return () => {
    for (const [name, ...call] of core.queue.splice(0) as Call[]) calls[name]?.(...call);
    if (isCaughtUp) return;
    // What has happened before this file was here, for the listeners that were in the queue.
    isCaughtUp = true;
    if (core.isReady) onReady();
    for (const message of [{ type: "drawn" }, core.state, core.failed]) if (message) core.onMessage!(message);
  };
};

const steps = new WeakMap<Core, () => void>();
export default ((core: Core, chat: Chat) => {
  define(chat);
  if (!core.options.site) return;
  if (!steps.has(core)) steps.set(core, attach(core));
  steps.get(core)!();
}) satisfies Next;
