// Proactive messages: a small bubble beside the launcher, on pages and after times that the site chose.
//
// Keeps true: nothing is shown that the site did not ask for; one bubble at a time, none beside an open chat or once
// the visitor has opened it, each once in a page's life, and none after the visitor dismissed one. A rule with a period
// is followed across pages, for which the host page's storage is used; where that is denied, the page's life counts.
import type { Core } from "./core";
import { sheet } from "./sheet";
import { words } from "./words";

/** One message and when it is shown. */
interface Rule {
  /** Names it, for `trigger` and for `every`. */
  name?: string;
  /** Path and query of the pages, with `*` for anything. */
  url?: string;
  /** Seconds on the page before it is shown. */
  delay?: number;
  /** What it says. */
  text: string;
  /** Hours until it may be shown again. */
  every?: number;
}

const SHEET =
  ".teaser{position:fixed;inset-inline-end:var(--side);inset-block-end:calc(var(--foot) + 68px);display:flex;align-items:start;" +
  "max-inline-size:min(280px,100vw - 2*var(--side));border-radius:16px;background:var(--paper);color:var(--text)}" +
  // Not hidden while it is empty: screen readers do not announce the text of a region that was hidden.
  ".teaser:not(:empty){box-shadow:0 0 0 1px #8883,0 6px 20px #0003}" +
  ".teaser.start{inset-inline:var(--side) auto}.teaser.top{inset-block:calc(var(--foot) + 68px) auto}" +
  ".teaser button{all:unset;box-sizing:border-box;min-inline-size:24px;padding:12px 16px;font:15px/1.4 system-ui;cursor:pointer;border-radius:16px}" +
  ".teaser button+button{padding:12px;font-size:18px;line-height:1;flex:none}" +
  ".teaser button:focus-visible{outline:2px solid currentColor;outline-offset:-4px}";

/** Longest message: a bubble has little room. */
const MAX_CHARS = 200;

/** How often the address is compared where browsers do not tell that it has changed. */
const COMPARE_MS = 1000;

export class Proactive {
  private rules: Rule[] = [];
  /** The names of the rules whose messages were shown. */
  private done = new Set<string>();
  /** The name of the rule whose message is in the bubble. */
  private shown?: string;
  private timers: number[] = [];
  private isOver = false;
  private bubble = document.createElement("div");
  private address = "";
  /** When the visitor came to this address. */
  private since = 0;

  constructor(private core: Core) {}

  /** Sets the rules. Setting them again, as when a component is rendered anew, changes nothing. */
  setRules(rules: Rule[]) {
    // In the flow of the page the chat is there already.
    if (!Array.isArray(rules) || this.core.options.mode == "inline") return;
    this.rules = rules.filter(
      (rule) => rule && typeof rule.text == "string" && rule.text && /^(string|undefined)$/.test(typeof rule.url),
    );
    if (!this.bubble.parentNode) this.prepare();
    if (!this.rules.some((rule) => nameOf(rule) == this.shown)) this.clear();
    this.wait();
  }

  /** Shows the message of a rule now. */
  trigger(name: string) {
    for (const rule of this.rules) if (rule.name == name) this.show(rule);
  }

  hide() {
    this.isOver = true;
    this.clear();
  }

  private prepare() {
    const { shadow, options, end, button } = this.core;
    const { bubble } = this;
    const position = options.position || "";
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet(SHEET)];
    bubble.className = `teaser ${/start/.test(position) ? "start" : ""} ${/top/.test(position) ? "top" : ""}`;
    // It is there before its text, which screen readers announce when it comes.
    bubble.setAttribute("role", "status");
    shadow.insertBefore(bubble, button);
    bubble.addEventListener("keydown", (event) => {
      if (event.key == "Escape") this.dismiss();
    });

    const { signal } = end;
    const onAddress = () => this.onAddress();
    const { navigation } = window as any;
    if (navigation) navigation.addEventListener("currententrychange", onAddress, { signal });
    else {
      addEventListener("popstate", onAddress, { signal });
      const timer = setInterval(onAddress, COMPARE_MS);
      signal.addEventListener("abort", () => clearInterval(timer));
    }
    signal.addEventListener("abort", () => this.hide());
  }

  /** On another page other rules hold. */
  private onAddress() {
    if (here() == this.address) return;
    this.clear();
    this.wait();
  }

  /** Starts the timers of the rules that hold here. */
  private wait() {
    if (this.address != here()) {
      this.address = here();
      this.since = Date.now();
    }
    this.timers.splice(0).forEach(clearTimeout);
    if (this.isOver) return;
    for (const rule of this.rules) {
      // One without an address and a time waits for its trigger.
      if (rule.url == undefined && rule.delay == undefined) continue;
      if (rule.url != undefined && !matches(rule.url, this.address)) continue;
      const at = this.since + Math.min(Math.max(+rule.delay! || 0, 0), 3600) * 1000;
      this.timers.push(window.setTimeout(() => this.show(rule), at - Date.now()));
    }
  }

  private show(rule: Rule) {
    const { core, bubble, done } = this;
    if (this.isOver || core.isOpen || bubble.firstChild || done.has(nameOf(rule)) || !this.isDue(rule)) return;
    done.add((this.shown = nameOf(rule)));
    const open = document.createElement("button");
    open.textContent = rule.text.slice(0, MAX_CHARS);
    open.onclick = () => (core.shadow.host as HTMLElement).oriel.open();
    const dismiss = document.createElement("button");
    dismiss.textContent = "×";
    dismiss.setAttribute("aria-label", words(core.options.locale).dismiss);
    dismiss.onclick = () => this.dismiss();
    bubble.append(open, dismiss);
  }

  /** Whether its period is over; if so, the next one begins. */
  private isDue(rule: Rule) {
    const { every } = rule;
    if (!(every! > 0)) return true;
    const key = `oriel.proactive.${this.core.options.site}.${nameOf(rule)}`;
    const now = Date.now();
    try {
      const last = +localStorage.getItem(key)!;
      // A time to come is a clock that was wrong.
      if (last <= now && now < last + every! * 3_600_000) return false;
      localStorage.setItem(key, `${now}`);
    } catch {
      // Denied: then once in a page's life.
    }
    return true;
  }

  /** The visitor dismisses it. */
  private dismiss() {
    const { shadow, button, options } = this.core;
    const hadFocus = shadow.activeElement;
    this.hide();
    const launcher = options.launcher && document.querySelector<HTMLElement>(options.launcher);
    if (hadFocus) (launcher || button).focus();
  }

  private clear() {
    this.timers.splice(0).forEach(clearTimeout);
    this.bubble.replaceChildren();
    this.shown = undefined;
  }
}

const nameOf = ({ name, text }: Rule) => name || text;

const here = () => location.pathname + location.search;

/** Whether an address matches a pattern: `*` is anything, and nothing else is special. */
const matches = (pattern: string, address: string) => {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(address);
};
