// The net under the worker: a crash of the wasm (a panic, memory run out) would leave as a bare 500 without headers.
// All that is decided is decided in Rust; the answer below is written there too and read once, while all is well.
// docs/decisions/0002-crash-answers.md says why this file exists.
import { WorkerEntrypoint } from "cloudflare:workers";
import Edge, { Visitor } from "./build/index.js";

export { Visitor };

// worker-build hangs exported functions on the entry point's prototype.
const crash = JSON.parse(Edge.prototype.crash_answer());

export default class extends WorkerEntrypoint {
  async fetch(request) {
    try {
      return await new Edge(this.ctx, this.env).fetch(request);
    } catch (error) {
      console.error(JSON.stringify({ event: "crash", name: error?.name ?? "unknown" }));
      return new Response(crash.body, { status: crash.status, headers: crash.headers });
    }
  }
}
