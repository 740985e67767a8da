// What the program asks of the browser, in JavaScript: a call from wasm costs a name, a wrapper on either side and the
// code that checks its outcome, so what belongs together is one call. Nothing is decided here, and nothing here throws.
//
// The program knows nodes by numbers; they stay for as long as the iframe does. It knows its callbacks by numbers too,
// which its `dispatch` takes.

const nodes = [document, window, document.documentElement];
let dispatch;

export const begin = (its) => {
  dispatch = its;
};

const keep = (node) => nodes.push(node) - 1;

// Nodes.

export const find = (id) => keep(document.getElementById(id));

const element = (tag, kind, text) => {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text) node.textContent = text;
  return node;
};

const svg = (path) => {
  const [icon, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  line.setAttribute("d", path);
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(line);
  return icon;
};

export const make = (tag, kind, text) => keep(element(tag, kind, text));

export const icon = (path) => keep(svg(path));

export const clone = (id) => keep(document.getElementById(id).content.firstChild.cloneNode(true));

export const child = (node, place) => keep(nodes[node].children[place]);

export const add = (node, child) => nodes[node].append(nodes[child]);

export const write = (node, text) => nodes[node].append(text);

// At a place among the children, moved only when it is not there yet.
export const place = (node, child, place) => {
  const there = nodes[node].children[place];
  if (there != nodes[child]) nodes[node].insertBefore(nodes[child], there ?? null);
};

export const has = (node, child) => nodes[node].contains(nodes[child]);

export const set = (node, name, value) => nodes[node].setAttribute(name, value);

// A custom property; the iframe's policy knows no inline style, but a script may set one.
export const style = (node, name, value) => nodes[node].style.setProperty(name, value);

export const attribute = (node, name) => nodes[node].getAttribute(name) ?? "";

const write_text = (node, text) => {
  if (node.textContent != text) node.textContent = text;
};

export const set_text = (node, text) => write_text(nodes[node], text);

// Markdown that still grows, without the marks at the beginnings of lines and between cells; the edge has taken the
// others.
const softened = (text) =>
  text
    .replace(/^ *\|[-:| ]*(\n|$)/gm, "")
    .replace(/^ *\| *(.*?) *\|?$/gm, (_, row) => row.replaceAll("|", "·"))
    .replace(/^( *)[-*+] /gm, "$1• ")
    .replace(/^[#>]+ /gm, "");

// The paragraph at a place among the children; a new one behind the last.
export const paragraph = (node, place, text) => {
  const there = nodes[node].children[place] ?? nodes[node].appendChild(document.createElement("p"));
  write_text(there, softened(text));
};

export const turn = (node, name, is_on) => {
  nodes[node][name] = is_on;
};

// Only another one: the caret would jump to the end. boot.ts fits the field to its text.
export const set_value = (node, value) => {
  const field = nodes[node];
  if (field.value != value) {
    field.value = value;
    field.dispatchEvent(new Event("change"));
  }
};

export const value = (node) => nodes[node].value;

export const measure = (node, name) => +nodes[node][name];

export const act = (node, name) => +nodes[node][name]();

// So far from the end, with 0 at the end.
export const scroll_to = (node, to_end) => {
  nodes[node].scrollTop = nodes[node].scrollHeight - to_end;
};

export const is_active = (node) => document.activeElement == nodes[node];

// The text of an element goes to the clipboard as a person would copy it: by selecting it. Where that is denied it
// stays selected. Not `navigator.clipboard`: no page that embeds an iframe has to let it write there.
export const copy = (node) => {
  const selection = getSelection();
  selection.selectAllChildren(nodes[node]);
  const is_copied = document.execCommand("copy");
  if (is_copied) selection.removeAllRanges();
  return is_copied;
};

export const line = (icon, path) => nodes[icon].firstChild.setAttribute("d", path);

export const focus_by_id = (id) => document.getElementById(id)?.focus();

// Events, timers.

export const listen = (node, event, id) => nodes[node].addEventListener(event, (event) => dispatch(id, event));

export const stays_within = (node, event) => nodes[node].contains(event.relatedTarget);

export const after = (ms, id) => setTimeout(() => dispatch(id), ms);

export const soon = (id) => queueMicrotask(() => dispatch(id));

export const then = (promise, id) => promise.then((value) => dispatch(id, value));

export const now = () => Date.now();

export const random = () => Math.random();

// Not `randomUUID`, which an iframe inside a page without TLS does not have.
export const message_id = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte + 256).toString(16).slice(1)).join("");

// Values of JavaScript.

export const get = (value, name) => value?.[name];

export const text = (value, name) => (typeof value?.[name] == "string" ? value[name] : undefined);

export const number = (value, name) => (typeof value?.[name] == "number" ? value[name] : NaN);

export const flag = (value, name) => (typeof value?.[name] == "boolean" ? value[name] : undefined);

export const count = (value) => (Array.isArray(value) ? value.length : 0);

export const call = (value, name) => value[name]();

export const parse = (json) => {
  try {
    return JSON.parse(json);
  } catch {}
};

// Requests, to our own origin alone. One without a response for this long has failed.

const request = (method, path, token, body, name, value, signal) =>
  fetch(path, {
    method,
    body: body || undefined,
    signal: signal ?? AbortSignal.timeout(20_000),
    headers: {
      ...(token && { authorization: "Bearer " + token }),
      ...(body && { "content-type": "application/json" }),
      ...(name && { [name]: value }),
    },
  }).catch(() => {});

const read = async (response) =>
  response && {
    status: response.status,
    retry_after: +response.headers.get("retry-after"),
    body: await response.json().catch(() => {}),
  };

export const call_edge = async (method, path, token, body, id) =>
  dispatch(id, await read(await request(method, path, token, body)));

// A stream of events: calls `on_text` back with what comes, as text in `value`, and `id` with the response when it is
// no stream, or with nothing when it is over.
export const stream = async (token, after, abort, on_text, id) => {
  const response = await request("GET", "/v1/events", token, "", "last-event-id", after, abort.signal);
  if (!response?.ok || !response.body) return dispatch(id, await read(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  // A read fails when the network does, or when nobody wants the stream any more.
  for (let part; (part = await reader.read().catch(() => {})) && !part.done; ) dispatch(on_text, part);
  dispatch(id);
};

export const aborter = () => new AbortController();

// A file for the visitor. Not by a link to the edge: an access token never stands in an address.
const save = async (token, name) => {
  const response = await request("GET", "/v1/transcript", token, "", "accept", "text/plain");
  const file = response?.ok && (await response.blob().catch(() => {}));
  if (file) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    // A download that has not begun by then never will.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
  return !!file;
};

// The list of the visitor's conversations is drawn by a file of its own that comes when it is asked for. The first
// fetch holds it to its integrity, which an import does not ask for.
const list = (token) =>
  fetch(LIST_PATH, { integrity: LIST_INTEGRITY })
    .then(() => import(LIST_PATH))
    .then((list) => list.open((method, path, body) => request(method, path, token, body), element, svg))
    .then(
      () => true,
      () => false,
    );

export const own_data = async (token, name, id) => dispatch(id, await (name ? save(token, name) : list(token)));

// The token goes where no address bar, no log and no referrer shows it. `https` becomes `wss`, `http` becomes `ws`.
export const open_socket = (path, protocol, token, on_message, on_end) => {
  try {
    const socket = new WebSocket(location.origin.replace("http", "ws") + path, [protocol, token]);
    socket.onmessage = (event) => dispatch(on_message, event);
    socket.onclose = () => dispatch(on_end);
    return socket;
  } catch {}
};

export const send = (socket, text) => {
  try {
    socket.send(text);
  } catch {}
};

export const open_port = (port, id) => {
  port.onmessage = (event) => dispatch(id, event.data);
};

export const post = (port, type) => port.postMessage({ type });

export const post_json = (port, json) => port.postMessage(JSON.parse(json));

// Waits until no other tab of ours holds the lock of this name; calls `id` back with what lets the next one in. At once
// where there are no locks (an iframe inside a page without TLS) or they are denied along with storage.
export const lock = (name, id) => {
  const hold = () => new Promise((release) => dispatch(id, release));
  try {
    navigator.locks.request(name, hold).catch(hold);
  } catch {
    queueMicrotask(hold);
  }
};

export const cookies = () => {
  try {
    return document.cookie;
  } catch {
    return "";
  }
};

export const set_cookie = (cookie) => {
  try {
    document.cookie = cookie;
  } catch {}
};
