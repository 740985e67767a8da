// Types of `window.Oriel`, what a page may do with the chat. Copy this file into your project, or fetch it from
// `/oriel.d.ts` of your edge.

declare namespace Oriel {
  /** A visitor token that your backend signed, or a function that fetches one whenever one is needed. */
  type Identity = string | (() => string | Promise<string>);

  /** What the team shall know of where the visitor is. Texts are cut at their limits; what is empty is left out. */
  interface Context {
    /** Address of the page; at most 2,000 characters. */
    page?: string;
    /** Its title; at most 200 characters. */
    title?: string;
    /** Anything else: at most 16 members, names of at most 64 and texts of at most 200 characters. */
    [name: string]: string | number | boolean | null | undefined;
  }

  /** A proactive message, shown as a small bubble beside the launcher. */
  interface ProactiveRule {
    /** Names it, for `trigger` and for `every`. */
    name?: string;
    /** Path and query of the pages that it is for, with `*` for anything: `/pricing*`. */
    url?: string;
    /** Seconds on the page before it is shown; 0 to 3,600. */
    delay?: number;
    /** What it says; at most 200 characters. */
    text: string;
    /** Hours until the same visitor may see it again. Needs the storage of your page; without it, once a page's life. */
    every?: number;
  }

  /** A message that came while the page was listening. */
  interface MessageEvent {
    /** Place in the conversation, from 1. */
    seq: number;
    id: string;
    role: "visitor" | "assistant" | "agent" | "system";
    /** When it was stored, RFC 3339. */
    at: string;
    /** The text; only for listeners with `{ text: true }`. */
    text?: string;
  }

  interface Events {
    /** The chat is loaded and listens. Again after each reload of its iframe. */
    ready: {};
    open: {};
    close: {};
    message: MessageEvent;
    /** How many messages the visitor has not seen. */
    unread: { count: number };
    /** Whether somebody of the team is there, by the site's hours. */
    availability: { available: boolean };
    /** Who has the conversation. */
    status: { status: "open" | "waiting" | "agent" | "closed" };
    connection: { state: "connecting" | "online" | "offline" | "limited" | "refused" };
    /** The edge refused something; `code` is one of the stable codes of the API, or `unreachable`. */
    error: { code: string };
  }

  interface Listen {
    <Name extends keyof Events>(name: Name, callback: (detail: Events[Name]) => void, options?: { text?: boolean }): void;
  }

  /** One chat on the page. */
  interface Chat {
    open(): void;
    close(): void;
    toggle(): void;
    /** Shows the launcher. */
    show(): void;
    /** Hides the launcher; `open` works all the same. */
    hide(): void;
    /** Takes the chat off the page and leaves nothing behind. */
    destroy(): void;
    /** Opens the chat and asks, in the visitor's name. */
    ask(text: string): void;
    /** Puts a text into the field, for the visitor to send or not. */
    prefill(text: string): void;
    /** Identifies the visitor. */
    identify(identity: Identity): void;
    /** Ends the session and clears the chat: call it on log-out. */
    reset(): void;
    /** Tells the team where the visitor is. */
    setContext(context: Context): void;
    /** Shows a message of `proactive` now. */
    trigger(name: string): void;
    /** Sets the proactive messages. */
    proactive(rules: ProactiveRule[]): void;
    on: Listen;
    once: Listen;
    /** Removes `callback`, or without it every listener of `name`. */
    off<Name extends keyof Events>(name: Name, callback?: (detail: Events[Name]) => void): void;
  }

  /** A call as a value, for the queue: `Oriel.push(["ask", "When do you open?"])`. */
  type Call = {
    [Name in keyof Chat]: [Name, ...Parameters<Chat[Name]>];
  }[keyof Chat];

  /** The first chat of the page. Before its script has run this is what the snippet made of it: an array. */
  interface Global extends Chat {
    push(...calls: Call[]): void;
    /** The chat of a site by its public key, where a page has several; nothing before its script has run. */
    for(site: string): Chat | undefined;
  }
}

declare var Oriel: Oriel.Global;

interface Window {
  Oriel: Oriel.Global;
}
