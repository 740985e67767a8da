// What the three files on the host page share. Types only; the names of members are the same in all of them, for each
// pins the next one: loader.ts, which every page pays for; panel.ts, which comes with the first intent; api.ts, which
// comes when something needs it.
import type attributes from "../../shared/src/embed_attributes.json";

/** The attributes of a script tag, without `data-`, or of an `<oriel-chat>`. A name that is not listed does not compile. */
export type Options = { [name in keyof typeof attributes]?: string };

/** A visitor token of the site's own backend, or what makes one whenever one is needed. */
export type Identity = string | (() => string | Promise<string>) | undefined;

/** A call of the API: name and arguments. */
export type Call = [string, ...unknown[]];

/** What the frame says, and what is said to it. */
export type Message = { type: string; [name: string]: any };

/** One chat on the page. */
export interface Core {
  options: Options;
  shadow: ShadowRoot;
  button: HTMLButtonElement;
  /** For an inline chat: the element that holds it. */
  place?: Element;
  /** Calls that wait, in order. */
  queue: Call[];
  /** Ends what listens, with the chat. */
  end: AbortController;
  identity?: Identity;
  /** The one that the last ticket was asked for with. */
  asked?: Identity;
  frame?: HTMLIFrameElement;
  /** Fulfilled when the frame's document is there. */
  loaded?: Promise<unknown>;
  /** The first answer to the ticket call; nothing when there was none. */
  reply?: Promise<Response | void>;
  /** Asks for a ticket as this page, so that `Origin` is the customer's. */
  ask(): Promise<Response>;
  /** Fetches the chat, unseen, once. */
  prefetch(): void;

  load: Load;

  // From panel.ts on.

  /** This end of the channel to the frame. */
  port?: MessagePort;
  /** Whether the frame's program is there. */
  isReady?: boolean;
  isOpen?: boolean;
  /** Name of the launcher, in the visitor's language once the frame has told. */
  name?: string;
  /** How things stand in the frame, as it said last. */
  state?: Message;
  /** Why there is no ticket. */
  failed?: Message;
  /** Shows the panel, or hides it. */
  turn?(isOpen: boolean): void;

  // From api.ts on.

  /** Hears what panel.ts does not know, and what it tells: `drawn`, `ready`, `ticket_failed`. */
  heard?(message: Message): void;
}

/** Runs another script of ours, a module, and hands over what it brings. */
export type Load = (path: string, integrity: string, failed: () => void) => Promise<{ default: Next }>;

/** Draws a chat. */
export type Chat = (options: Options) => Core;

/** Goes on with a chat: the first time, and whenever its queue has grown. */
export type Next = (core: Core, chat: Chat) => void;

declare global {
  interface Window {
    // What pages may do with it is in oriel.d.ts.
    Oriel?: any;
  }
  interface HTMLElement {
    /** On `oriel-root`, the API of its chat. */
    oriel?: any;
  }
}
