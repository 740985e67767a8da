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

/** A message from the iframe or to it. */
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
  /** Aborted when the chat is taken off the page: removes its listeners. */
  end: AbortController;
  identity?: Identity;
  /** The identity of the last request for a ticket. */
  ticketIdentity?: Identity;
  frame?: HTMLIFrameElement;
  /** Fulfilled when the frame document is there. */
  loaded?: Promise<unknown>;
  /** The first response to the request for a ticket; nothing when none came. */
  reply?: Promise<Response | void>;
  /** Requests a ticket as this page, so that `Origin` is the customer's. */
  ask(): Promise<Response>;
  /** Fetches the chat, hidden, once. */
  prefetch(): void;

  load: Load;

  // From panel.ts on.

  /** This end of the channel to the iframe. */
  port?: MessagePort;
  /** Whether the iframe's program is there. */
  isReady?: boolean;
  isOpen?: boolean;
  /** Name of the launcher, in the visitor's language once the iframe is there. */
  name?: string;
  /** The last `state` message of the iframe. */
  state?: Message;
  /** Why there is no ticket. */
  failed?: Message;
  /** Shows the panel, or hides it. */
  setOpen?(isOpen: boolean): void;

  // From api.ts on.

  /** Handles the messages of the iframe that panel.ts does not, and panel.ts's own: `drawn`, `ready`, `ticket_failed`. */
  onMessage?(message: Message): void;
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
