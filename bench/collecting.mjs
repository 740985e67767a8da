// Oriel's entry, and a look at what its wasm holds, garbage collected before if the runtime lets us (V8's --expose-gc).
// Served in place of worker/entry.mjs by `cargo xtask bench idle` and by the test `idle`.
// `GET /alive`: objects of Rust by class, values of JavaScript that Rust holds, bytes of the wasm's memory.
import { alive, wasm } from "./counted.mjs";
import Edge from "../worker/entry.mjs";

export * from "../worker/entry.mjs";

// A handle that was collected is told to Rust in a task of its own, and what Rust lets go of then is garbage next.
const ROUNDS = 3;
const TOLD_WITHIN_MS = 50;

export default class extends Edge {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/alive") return super.fetch(request);
    for (let round = 0; round < ROUNDS; round++) {
      globalThis.gc?.();
      await scheduler.wait(TOLD_WITHIN_MS);
    }
    const table = wasm.__wbindgen_externrefs;
    let references = 0;
    for (let at = 0; at < table.length; at++) if (table.get(at) != null) references++;
    return Response.json({ objects: alive, references, memory: wasm.memory.buffer.byteLength });
  }
}
