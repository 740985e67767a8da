// First in the frame: lets the visitor write in the drawn shell at once, hears the loader, fetches the program and the
// words, and hands over.
//
// The program's path and integrity are written in by the build, so what this file pins is what runs. Whether the page
// may talk to the frame at all is decided in the program, by the origin that the browser put on the event; until then
// the page hears no more than what its own launcher shall be called.
import init, { heard, start } from "oriel-glue";

declare const WASM_PATH: string;
declare const WASM_INTEGRITY: string;

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const { dataset } = find("oriel");
const log = find("log");
const close = find("close");
const failed = find("failed");
const composer = find<HTMLFormElement>("composer");
const text = find<HTMLTextAreaElement>("text");
const send = find<HTMLButtonElement>("send");

/** What the loader said that the program has to hear. */
const told: unknown[] = [];
/** What the visitor has sent already. */
const said: string[] = [];
/** Ends what is done here only until the program does it. */
const early = new AbortController();
const { signal } = early;

// Listening begins before anything else, for the loader speaks once, when the frame has loaded.
let port: MessagePort | undefined;
const hello = new Promise<MessageEvent | null>((resolve) => {
  if (parent == window) resolve(null);
  addEventListener("message", function hear(event) {
    // One hello, from the page around us, with a port. Everything else is somebody else's noise.
    if (event.source != parent || event.data?.oriel != 1 || event.data.type != "hello" || !event.ports[0]) return;
    removeEventListener("message", hear);
    [port] = event.ports;
    // Which buttons have a use, now and when the window changes. Nothing depends on who says so.
    port.addEventListener("message", ({ data }) => {
      if (data.type == "mode") document.documentElement.dataset.mode = data.mode;
    });
    port.onmessage = ({ data }) => {
      told.push(data);
      // The field takes text already.
      if (data.type == "shown" && data.focus) text.focus();
    };
    port.postMessage({ type: "ready", words: { open: dataset.open, close: close.ariaLabel } });
    resolve(event);
  });
});

// A visitor may be quicker than the loader's first word: what they want is said as soon as there is somebody to hear it.
const tell = (type: string) => hello.then(() => port?.postMessage({ type }));
close.onclick = () => tell("close");
find("size").onclick = () => tell("size");

/** Gives the field the focus that nothing else in the frame has. */
const settle = () => document.activeElement == document.body && text.focus();
// By code and not by name: a key that ends a composition belongs to the input method and has the code 229 everywhere,
// while WebKit tells of it when nothing is composed any more.
addEventListener("keydown", (event) => {
  // Whatever is open inside the chat hears it first and keeps it for itself.
  if (event.keyCode == 27) tell("close");
  // WebKit gives no field of a frame the focus before the visitor has done something in it. Typing is something, and so is
  // letting go of the key that has opened the chat.
  if (!event.key[1] && !event.ctrlKey && !event.metaKey) settle();
});
addEventListener("keyup", (event) => event.keyCode == 13 && settle());
text.addEventListener("keydown", (event) => {
  if (event.keyCode == 13 && !event.shiftKey) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

const follow = () => {
  text.parentElement!.dataset.text = text.value;
  send.disabled = !text.value.trim();
};
text.addEventListener("input", follow, { signal });
composer.addEventListener(
  "submit",
  (event) => {
    event.preventDefault();
    const words = text.value.trim();
    text.value = "";
    follow();
    text.focus();
    if (!words) return;
    said.push(words);
    // The same row as the program's, which takes its place.
    const part = (tag: string, className: string, ...children: (Node | string)[]) => {
      const element = document.createElement(tag);
      element.className = className;
      element.append(...children);
      return element;
    };
    const body = part("div", "words", words);
    body.dir = "auto";
    log.append(part("article", "row visitor", body, part("div", "delivery", dataset.sending!)));
    log.parentElement!.scrollTop = 1e9;
  },
  { signal },
);
// Whatever the browser kept of an earlier visit, or was typed ahead of this file.
follow();
// The chat was opened while this was on its way: nobody has to wait for the loader to say so.
if (document.hasFocus()) text.focus();

const run = (cache?: RequestCache) => {
  failed.hidden = true;
  Promise.all([
    fetch(dataset.words!, { integrity: dataset.pin, cache }).then((words) => words.json()),
    init(fetch(WASM_PATH, { integrity: WASM_INTEGRITY, cache })),
  ]).then(
    ([words]) => {
      early.abort();
      log.textContent = "";
      start(hello, heard, { words, said, told });
    },
    (error) => {
      failed.hidden = false;
      throw error;
    },
  );
};
// What a browser keeps of a file that was not good is not good the next time.
const again = () => run("reload");
find("again").onclick = () => {
  again();
  text.focus();
};
addEventListener("online", () => failed.hidden || again());
run();
