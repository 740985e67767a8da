// What every answer carries. Copied from shared/src/headers.rs (`api_headers`).
import { createMiddleware } from "hono/factory";
import type { Env } from "./env";
import { newId } from "./ids";

const HEADERS: [string, string][] = [
  ["strict-transport-security", "max-age=31536000; includeSubDomains; preload"],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "strict-origin-when-cross-origin"],
  ["cross-origin-opener-policy", "same-origin"],
  [
    "permissions-policy",
    "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), " +
      "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
      "publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
  ],
  ["cross-origin-resource-policy", "same-origin"],
  ["x-frame-options", "DENY"],
  [
    "content-security-policy",
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types 'none'",
  ],
  ["cache-control", "no-store"],
];

export interface Variables {
  requestId: string;
}

export const dress = createMiddleware<{ Bindings: Env; Variables: Variables }>(async (c, next) => {
  c.set("requestId", newId("req_"));
  await next();
  const { headers } = c.res;
  for (const [name, value] of HEADERS) headers.set(name, value);
  headers.set("x-request-id", c.get("requestId"));
});
