// The visitor's way in as a JavaScript worker: Hono, WebCrypto, D1, Durable Objects over RPC.
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Env } from "./env";
import { dress, type Variables } from "./headers";
import { newId } from "./ids";
import { Problem } from "./problems";
import { findSite, type Site } from "./sites";
import {
  ACCESS_LIFE_S,
  REFRESH_LIFE_S,
  TICKET_LIFE_S,
  type Ticket,
  hashAddress,
  mint,
  verify,
} from "./tokens";

export { Gate } from "./gate";
export { Visitor } from "./visitor";

type Call = Context<{ Bindings: Env; Variables: Variables }>;

const app = new Hono<{ Bindings: Env; Variables: Variables }>();

app.use(dress);
app.use(
  bodyLimit({
    maxSize: 64 * 1024,
    onError: () => {
      throw new Problem("body_too_large");
    },
  }),
);
app.notFound((c) => new Problem("not_found").response(c.get("requestId")));
app.onError((error, c) => {
  if (error instanceof Problem) return error.response(c.get("requestId"));
  console.error(JSON.stringify({ event: "failure", cause: String(error), request_id: c.get("requestId") }));
  return new Problem("internal").response(c.get("requestId"));
});

app.get("/healthz", (c) => c.json({ status: "ok" }));

app.options("/v1/sites/:key/tickets", async (c) => {
  const site = await findSite(c.env, c.req.param("key"));
  allow(c, site);
  c.header("access-control-allow-methods", "POST");
  c.header("access-control-allow-headers", "content-type");
  c.header("access-control-max-age", "600");
  return c.body(null, 204);
});

app.post("/v1/sites/:key/tickets", async (c) => {
  const site = await findSite(c.env, c.req.param("key"));
  const cors = allow(c, site);
  await body(c, ["token"]);
  const address = await hashAddress(c.env.TOKEN_KEY, c.req.header("cf-connecting-ip") ?? "");
  const wait = await c.env.GATES.getByName(site.id).admit(address, site.ticketsPerMinute);
  if (wait > 0) throw new Problem("rate_limited", { ...cors, "retry-after": String(Math.ceil(wait / 1000)) });
  const claims: Ticket = {
    org: site.org,
    site: site.id,
    key: site.key,
    visitor: newId("vis_"),
    jti: newId(""),
  };
  const ticket = await mint(c.env.TOKEN_KEY, "ticket", TICKET_LIFE_S, claims);
  return c.json({ ticket, expires_in: TICKET_LIFE_S }, 201);
});

app.post("/v1/session", async (c) => {
  const origin = c.req.header("origin");
  if (origin !== undefined && origin !== new URL(c.req.url).origin) throw new Problem("origin_not_allowed");
  const { ticket: token } = await body(c, ["ticket"]);
  if (typeof token !== "string") throw new Problem("invalid_body");
  const ticket = await verify<Ticket>(c.env.TOKEN_KEY, "ticket", token);
  if (!ticket) throw new Problem("ticket_invalid");
  const { site, visitor, key } = ticket;
  const session = await c.env.VISITORS.getByName(visitor).open(ticket);
  if (!session) throw new Problem("ticket_used");
  const { conversation, family, generation } = session;
  const [access, refresh] = await Promise.all([
    mint(c.env.TOKEN_KEY, "access", ACCESS_LIFE_S, { site, visitor, conversation, family }),
    mint(c.env.TOKEN_KEY, "refresh", REFRESH_LIFE_S, { key, visitor, family, generation }),
  ]);
  c.header(
    "set-cookie",
    `__Secure-oriel-${key}=${refresh}; Path=/v1/session; Max-Age=${REFRESH_LIFE_S}; Secure; HttpOnly; SameSite=None; Partitioned`,
  );
  return c.json({ access_token: access, expires_in: ACCESS_LIFE_S, visitor, conversation }, 201);
});

/** Whether the page that asks may embed; sets the headers that let it read the answer, and returns them. */
function allow(c: Call, site: Site): Record<string, string> {
  const origin = c.req.header("origin");
  if (!origin || !site.safelist.includes(origin)) throw new Problem("origin_not_allowed", { vary: "Origin" });
  const headers = {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "retry-after",
    vary: "Origin",
  };
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return headers;
}

/** A JSON object with no other fields than these. */
async function body(c: Call, fields: string[]): Promise<Record<string, unknown>> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Problem("unsupported_media_type");
  const value: unknown = await c.req.json().catch(() => undefined);
  const good =
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((field) => fields.includes(field));
  if (!good) throw new Problem("invalid_body");
  return value as Record<string, unknown>;
}

export default app;
