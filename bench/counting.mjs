// Oriel's entry, and counts of what its visitors' objects ask of the runtime. `cargo xtask bench messages` serves it in
// place of worker/entry.mjs to count, and never to measure. `GET /counts` reads the counts and begins again from zero.
import Edge, { Visitor } from "../worker/entry.mjs";

// All its objects; the one below takes the place of the one of its name.
export * from "../worker/entry.mjs";

let counts = {};
let cursors = [];
const add = (name, n = 1) => (counts[name] = (counts[name] ?? 0) + n);

/** Calls `seen` with what every call of a method returns, and with its arguments. */
function watch(prototype, method, seen) {
  const original = prototype[method];
  prototype[method] = function (...args) {
    const result = original.apply(this, args);
    seen(result, args, this);
    return result;
  };
}

watch(Visitor.prototype, "webSocketMessage", () => add("frames"));
watch(Visitor.prototype, "alarm", () => add("alarms"));
watch(Visitor.prototype, "fetch", () => add("calls_in"));

let isWatching = false;

class Counted extends Visitor {
  constructor(ctx, env) {
    super(ctx, env);
    if (isWatching) return;
    isWatching = true;
    const of = Object.getPrototypeOf;
    watch(of(ctx.storage.sql), "exec", (cursor, [statement]) => {
      add("statements");
      cursors.push(cursor);
    });
    watch(of(ctx.storage), "setAlarm", () => add("alarms_set"));
    const stub = env.WEBHOOK_SENDERS.get(env.WEBHOOK_SENDERS.idFromName("nobody"));
    watch(of(of(stub)), "fetch", (_, __, callee) => add(callee.constructor.name === stub.constructor.name ? "calls_out" : "d1"));
  }
}

export { Counted as Visitor };

export default class extends Edge {
  fetch(request) {
    if (new URL(request.url).pathname !== "/counts") {
      add("worker");
      return super.fetch(request);
    }
    for (const cursor of cursors) add("rows_written", cursor.rowsWritten);
    const taken = counts;
    [counts, cursors] = [{}, []];
    return Response.json(taken);
  }
}
