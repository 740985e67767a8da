// The visitor's own conversations, as a list over the chat: comes when the menu asks for it, and is gone when one was
// chosen. The chat hears of the change as every tab does, by a welcome.
//
// Keeps true: builds nodes and parses no HTML; one list at a time; whoever leaves it gets the focus back where they were.

type Words = Record<"back" | "begin" | "busy" | "current" | "failed" | "many" | "title", string>;
/** One of them, as the edge lists it. */
type Own = { id: string; at: string; preview: string; current: boolean };

/** By language; written in by the build. */
declare const WORDS: Record<string, Words>;

const STYLES = `
#conversations{position:fixed;inset:0;z-index:2;display:flex;flex-direction:column;background:var(--paper);color:var(--ink)}
#conversations .head{padding-inline-start:calc(var(--side) - .5625rem)}
#conversations h2{font-size:1.0625rem;font-weight:650;line-height:1.35}
[dir=rtl] #conversations .icon svg{transform:scaleX(-1)}
#conversations .list{flex:1;overflow-y:auto;padding:.75rem var(--side) calc(.75rem + env(safe-area-inset-bottom));overscroll-behavior:contain}
#conversations .list>p{padding:.75rem 0;font-size:.9375rem;color:var(--trouble)}
#conversations .list>p:empty{display:none}
#conversations ul{margin:.5rem 0 0;padding:0;list-style:none}
#conversations li{border-block-end:1px solid var(--line)}
#conversations li button{display:block;inline-size:calc(100% + 1rem);min-block-size:2.75rem;margin-inline:-.5rem;padding:.625rem .5rem;border-radius:calc(var(--r)*.5);text-align:start}
#conversations li button:hover{background:var(--tint)}
#conversations li button:focus-visible{outline-offset:-2px}
#conversations .preview{display:-webkit-box;overflow:hidden;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow-wrap:anywhere}
#conversations .when{font-size:.8125rem;color:var(--soft)}
#conversations b{color:var(--accent);font-weight:600}
`;

const { lang } = document.documentElement;
const find = (id: string) => document.getElementById(id)!;

/** The words of the language that the chat speaks: its own file is named after it. */
const words = WORDS[/words-(.+)\.\w+\.json$/.exec(find("oriel").dataset.words!)![1]];

const make = <T extends keyof HTMLElementTagNameMap>(tag: T, name: string, ...children: (Node | string)[]) => {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...children);
  return element;
};

const press = (name: string, act: () => void, ...children: (Node | string)[]) => {
  const button = make("button", name, ...children);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
};

const arrow = () => {
  const [icon, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  line.setAttribute("d", "M15 5l-7 7 7 7");
  icon.append(line);
  return icon;
};

/** How long ago, while that is not more than a week; then the day. */
const ago = (at: string) => {
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  let past = (Date.now() - Date.parse(at)) / 6e4;
  if (past < 1) return relative.format(0, "second");
  for (const [unit, size] of [["minute", 60], ["hour", 24], ["day", 7]] as const) {
    if (past < size) return relative.format(-Math.floor(past), unit);
    past /= size;
  }
  return new Intl.DateTimeFormat(lang, { dateStyle: "medium" }).format(new Date(at));
};

const draw = (own: Own[], change: (frame: object) => Promise<string | undefined>) => {
  const frame = find("frame");
  const failed = make("p", "");
  failed.role = "status";
  let isChanging = false;
  const close = (focus: string) => {
    whole.remove();
    for (const part of frame.children) (part as HTMLElement).inert = false;
    find(focus).focus();
  };
  const go = async (wish?: object) => {
    if (isChanging) return;
    isChanging = true;
    failed.textContent = "";
    const refusal = wish && (await change(wish));
    isChanging = false;
    if (refusal) failed.textContent = refusal;
    else close("text");
  };
  const title = make("h2", "", words.title);
  title.id = "conversations-title";
  const back = press("icon", () => close("menu"), arrow());
  back.ariaLabel = words.back;
  const rows = own.map(({ id, at, preview, current }) => {
    const said = make("span", "preview", preview);
    said.dir = "auto";
    const time = make("time", "", ago(at));
    time.dateTime = at;
    const when = make("span", "when", time);
    const row = press("", () => go(current ? undefined : { type: "switch", conversation: id }), said, when);
    if (current) {
      when.append(" · ", make("b", "", words.current));
      row.ariaCurrent = "true";
    }
    return make("li", "", row);
  });
  const begin = press("offer", () => go({ type: "begin" }), words.begin);
  const whole = make(
    "section",
    "",
    make("header", "head", back, title),
    make("div", "list", begin, failed, make("ul", "", ...rows)),
  );
  whole.id = "conversations";
  whole.role = "dialog";
  whole.ariaModal = "true";
  whole.setAttribute("aria-labelledby", title.id);
  whole.addEventListener("keydown", (event) => {
    if (event.key != "Escape" || event.isComposing) return;
    // The list closes, and not the chat.
    event.stopPropagation();
    close("menu");
  });
  for (const part of frame.children) (part as HTMLElement).inert = true;
  find("oriel").append(whole);
  begin.focus();
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLES);

/** Shows the list; `token` speaks for the visitor. Fails when there is none to be had. */
export const open = async (token: string) => {
  const ask = (path: string, frame?: object) =>
    fetch(path, {
      method: frame ? "POST" : "GET",
      body: frame && JSON.stringify(frame),
      signal: AbortSignal.timeout(20_000),
      headers: { authorization: "Bearer " + token, ...(frame && { "content-type": "application/json" }) },
    });
  const answer = await ask("/v1/conversations?limit=100");
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { items } = (await answer.json()) as { items: Own[] };
  // Asked for twice, drawn once.
  if (document.getElementById("conversations")) return;
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  draw(items, async (frame) => {
    const answer = await ask("/v1/frames", frame).catch(() => {});
    if (answer?.ok) return;
    const code = (await answer?.json().catch(() => {}))?.code;
    if (code == "conversation_busy") return words.busy;
    return code == "too_many_conversations" ? words.many : words.failed;
  });
};
