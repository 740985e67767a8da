// The net under the worker: a crash of the wasm (a panic, memory run out) would leave as a bare 500 without headers, or
// not at all. All that is decided is decided in Rust; the answer below is written there too and read once, while all is
// well. docs/decisions/0002-answers-after-a-crash.md says why this file exists.
import { WorkerEntrypoint } from "cloudflare:workers";
import Edge, { WebhookSender, TeamFeed, Admission, Importer, ModelBudget, Visitor } from "./build/index.js";

export { WebhookSender, TeamFeed, Admission, Importer, ModelBudget, Visitor };

// The build puts exported functions on the entry point's prototype (xtask/src/build/worker.rs).
const crashAnswer = Edge.prototype.crash_answer();

// Rust goes on after an await in a microtask: a crash there reaches nobody's promise, only this event. The instance is
// gone then, and with it every request in flight on it.
const inFlight = new Set();
addEventListener("error", (event) => {
  for (const reject of inFlight) reject(event.error);
  inFlight.clear();
});

export default class extends WorkerEntrypoint {
  async fetch(request) {
    let reject;
    const crashed = new Promise((_, no) => inFlight.add((reject = no)));
    try {
      return await Promise.race([new Edge(this.ctx, this.env).fetch(request), crashed]);
    } catch (error) {
      const random = crypto.getRandomValues(new Uint8Array(16));
      const id = `req_${random.toBase64({ alphabet: "base64url", omitPadding: true })}`;
      console.error(JSON.stringify({ event: "crash", name: error?.name ?? "unknown", request_id: id }));
      const { body, status, headers } = JSON.parse(crashAnswer.replaceAll("req_unknown", id));
      return new Response(body, { status, headers });
    } finally {
      inFlight.delete(reject);
    }
  }

  scheduled(controller) {
    return new Edge(this.ctx, this.env).scheduled(controller);
  }
}
