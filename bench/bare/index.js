// As little as a runtime can do for a message: an object that hibernates stores it and sends it to every socket. No
// sessions, no limits, no names, nothing that goes wrong is handled: the floor under all others, not a chat.
import { DurableObject } from "cloudflare:workers";

export class Bare extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, text TEXT, at INTEGER)");
  }
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(_, raw) {
    const { id, text } = JSON.parse(raw);
    const insert = "INSERT OR IGNORE INTO messages (id, text, at) VALUES (?, ?, ?) RETURNING seq, at";
    const { seq, at } = this.ctx.storage.sql.exec(insert, id, text, Date.now()).one();
    const frame = JSON.stringify({ type: "message", role: "visitor", seq, id, text, at });
    for (const socket of this.ctx.getWebSockets()) socket.send(frame);
  }
}

export default {
  fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/healthz") return new Response("ok");
    return env.OBJECTS.getByName(searchParams.get("token")).fetch(request);
  },
};
