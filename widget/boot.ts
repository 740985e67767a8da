// First in the iframe: draws the composer, listens to the loader, fetches the program and the words, and hands over.
//
// The composer stays this file's: it fits the field to its text, enables the button, and makes Enter submit the form.
// Until the program is here, what the visitor sends gets its row from the document's template, as the program draws it,
// and waits.
//
// The program's path and integrity are written in by the build, so what this file pins is what runs. Whether the page
// may talk to the iframe at all is decided in the program, by the origin that the browser put on the event; until then
// the page is told no more than the names of its own launcher.
import init, { dispatch, start } from "oriel-glue";

declare const WASM_PATH: string;
declare const WASM_INTEGRITY: string;

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const { dataset } = find("oriel");
const log = find("log");
const close = find("close");
const failed = find("failed");
const text = find<HTMLTextAreaElement>("text");
const button = find<HTMLButtonElement>("send");

/** The messages from the loader, for the program. */
const received: unknown[] = [];
/** What the visitor has sent, until the program sends it. */
let sent: string[] | undefined = [];

// Listening begins before anything else, for the loader posts its hello once, when the iframe has loaded.
let port: MessagePort | undefined;
const hello = new Promise<MessageEvent | null>((resolve) => {
  if (parent == window) resolve(null);
  addEventListener("message", function listen(event) {
    // One hello, from the page around us, with a port. Everything else is somebody else's noise.
    if (event.source != parent || event.data?.oriel != 1 || event.data.type != "hello" || !event.ports[0]) return;
    removeEventListener("message", listen);
    [port] = event.ports;
    // Which buttons have a use, now and when the window changes. Nothing depends on who says so.
    port.addEventListener("message", ({ data }) => {
      if (data.type == "mode") document.documentElement.dataset.mode = data.mode;
    });
    port.onmessage = ({ data }) => {
      received.push(data);
      // The field takes text already. The message may be late: then the focus stays where the visitor has put it since. A
      // closed panel keeps no focus, so that the field gets it when the panel opens again.
      if (data.type == "hidden") (document.activeElement as HTMLElement).blur();
      else if (data.focus) focusIfFree();
    };
    port.postMessage({ type: "ready", words: { open: dataset.open, close: close.ariaLabel } });
    resolve(event);
  });
});

/** Tells the loader, once there is a channel: it opens with a ticket, and the visitor may want to leave before. */
const post = (type: string) => hello.then(() => port?.postMessage({ type }));
close.onclick = () => post("close");
find("size").onclick = () => post("size");

/** Gives the field the focus that nothing else in the iframe has. */
const focusIfFree = () => document.activeElement == document.body && text.focus();
// By code and not by name: a key that ends a composition belongs to the input method and has the code 229 everywhere,
// while WebKit tells of it when nothing is composed any more.
addEventListener("keydown", (event) => {
  // Whatever is open inside the chat gets it first and keeps it for itself.
  if (event.keyCode == 27) post("close");
  // WebKit gives no field of an iframe the focus before the visitor has done something in it. Typing is something, and
  // so is letting go of the key that has opened the chat.
  if (!event.key[1] && !event.ctrlKey && !event.metaKey) focusIfFree();
});
addEventListener("keyup", (event) => event.keyCode == 13 && focusIfFree());
text.addEventListener("keydown", (event) => {
  if (event.keyCode == 13 && !event.shiftKey) {
    event.preventDefault();
    text.form!.requestSubmit();
  }
});

/** The style sheet draws the text once more, invisible, behind the field, which is as high as that. */
const fit = () => {
  text.parentElement!.dataset.text = text.value;
  button.disabled = !text.value.trim();
};
// The program tells of its own changes by a `change`.
text.oninput = text.onchange = fit;
text.form!.onsubmit = (event) => {
  event.preventDefault();
  text.focus();
  const words = text.value.trim();
  if (!sent || !words) return;
  text.value = "";
  fit();
  sent.push(words);
  const row = find<HTMLTemplateElement>("row").content.firstElementChild!.cloneNode(true) as Element;
  row.children[1].textContent = words;
  log.append(row);
  log.parentElement!.scrollTop = 1e9;
};
// Whatever the browser kept of an earlier visit, or was typed ahead of this file.
fit();
// The chat was opened while this was on its way: nobody has to wait for the loader to say so.
if (document.hasFocus()) focusIfFree();

const run = (cache?: RequestCache) => {
  failed.hidden = true;
  Promise.all([
    fetch(dataset.words!, { integrity: dataset.pin, cache }).then((words) => words.json()),
    init(fetch(WASM_PATH, { integrity: WASM_INTEGRITY, cache })),
  ]).then(
    ([words]) => {
      log.textContent = "";
      start(hello, dispatch, { words, sent: sent!, received });
      sent = undefined;
    },
    (error) => {
      failed.hidden = false;
      throw error;
    },
  );
};
// What a browser keeps of a file that was not good is not good the next time.
const retry = () => run("reload");
find("again").onclick = () => {
  retry();
  text.focus();
};
addEventListener("online", () => failed.hidden || retry());
run();
