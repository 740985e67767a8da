// The visitor's own conversations, as a list over the chat. It comes when the menu asks for it, and goes when one was
// chosen; the chat learns of the change as every tab does, by a welcome. All of the list is drawn here and nothing of
// it by the program, which lends what it draws elements with (src/browser.js).
//
// Keeps true: builds nodes and parses no HTML; one list at a time; the focus goes back to where it was.

/** Sends a request as the visitor. */
type Request = (method: string, path: string, body?: string) => Promise<Response | undefined>;
/** Makes an element with a class and a text, either of which may be empty. */
type MakeElement = (tag: string, name?: string, text?: string) => HTMLElement;
/** Makes a line icon of a path. */
type MakeIcon = (path: string) => SVGElement;
type Words = Record<"back" | "begin" | "busy" | "current" | "failed" | "many" | "title", string>;
/** A conversation, as the edge lists it. */
type Conversation = { id: string; at: string; preview: string; current: boolean };

/** By language; written in by the build. */
declare const WORDS: Record<string, Words>;

const STYLES = `
#conversations{position:fixed;inset:0;z-index:2;display:flex;flex-direction:column;background:var(--paper);color:var(--ink)}
#conversations .head{padding-inline-start:calc(var(--side) - .5625rem)}
#conversations h2{font-size:1.0625rem;font-weight:650;line-height:1.35}
[dir=rtl] #conversations .icon svg{transform:scaleX(-1)}
#conversations .list{flex:1;overflow-y:auto;padding:.75rem var(--side) calc(.75rem + env(safe-area-inset-bottom));overscroll-behavior:contain}
#conversations .list>p{padding:.75rem 0;font-size:.9375rem;color:var(--error)}
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

/** The words in the chat's language, which the file with the chat's own words is named after. */
const words = WORDS[/words-(.+)\.\w+\.json$/.exec(find("oriel").dataset.words!)![1]];

const ARROW = "M15 5l-7 7 7 7";

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

/** Gives an element of the iframe the focus, unless the visitor has left the iframe meanwhile. */
const focus = (element: HTMLElement) => document.hasFocus() && element.focus();

const draw = (all: Conversation[], element: MakeElement, icon: MakeIcon, change: (frame: object) => Promise<string | undefined>) => {
  const frame = find("frame");
  const button = (name: string, text: string, onClick: () => void) => {
    const made = element("button", name, text) as HTMLButtonElement;
    made.type = "button";
    made.onclick = onClick;
    return made;
  };
  const around = (tag: string, name: string, ...children: Node[]) => {
    const made = element(tag, name);
    made.append(...children);
    return made;
  };
  const failed = element("p");
  failed.role = "status";
  let isChanging = false;
  const close = (id: string) => {
    whole.remove();
    for (const part of frame.children) (part as HTMLElement).inert = false;
    focus(find(id));
  };
  const leave = async (wish?: object) => {
    if (isChanging) return;
    isChanging = true;
    failed.textContent = "";
    const refusal = wish && (await change(wish));
    isChanging = false;
    if (refusal) failed.textContent = refusal;
    else close("text");
  };
  const title = element("h2", "", words.title);
  title.id = "conversations-title";
  const back = button("icon", "", () => close("menu"));
  back.append(icon(ARROW));
  back.ariaLabel = words.back;
  const rows = all.map(({ id, at, preview, current }) => {
    const last = element("span", "preview", preview);
    last.dir = "auto";
    const time = element("time", "", ago(at)) as HTMLTimeElement;
    time.dateTime = at;
    const when = around("span", "when", time);
    const row = button("", "", () => leave(current ? undefined : { type: "switch", conversation: id }));
    row.append(last, when);
    if (current) {
      when.append(" · ", element("b", "", words.current));
      row.ariaCurrent = "true";
    }
    return around("li", "", row);
  });
  const begin = button("offer", words.begin, () => leave({ type: "begin" }));
  const whole = around(
    "section",
    "",
    around("header", "head", back, title),
    around("div", "list", begin, failed, around("ul", "", ...rows)),
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
  focus(begin);
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLES);

/** Shows the list. Fails when there is none to be had. */
export const open = async (request: Request, element: MakeElement, icon: MakeIcon) => {
  const response = await request("GET", "/v1/conversations?limit=100");
  if (!response?.ok) throw new Error(`${response?.status}`);
  const { items } = (await response.json()) as { items: Conversation[] };
  // Asked for twice, drawn once.
  if (document.getElementById("conversations")) return;
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  draw(items, element, icon, async (frame) => {
    const response = await request("POST", "/v1/frames", JSON.stringify(frame));
    if (response?.ok) return;
    const code = (await response?.json().catch(() => {}))?.code;
    if (code == "conversation_busy") return words.busy;
    return code == "too_many_conversations" ? words.many : words.failed;
  });
};
