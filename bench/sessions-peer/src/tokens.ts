// Tokens of our own, for ourselves: JWT with HS256, under one key that is imported once an isolate.
import { decode, encode } from "./ids";

export const TICKET_LIFE_S = 30;
export const ACCESS_LIFE_S = 300;
export const REFRESH_LIFE_S = 30 * 24 * 3600;

export interface Ticket {
  org: string;
  site: string;
  key: string;
  visitor: string;
  jti: string;
}

const text = new TextEncoder();
const HEADER = encode(text.encode(JSON.stringify({ alg: "HS256", typ: "JWT" })));

let imported: Promise<CryptoKey> | undefined;

const hmacKey = (secret: string): Promise<CryptoKey> =>
  (imported ??= crypto.subtle.importKey(
    "raw",
    Uint8Array.fromBase64(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  ));

export async function mint(secret: string, use: string, lifeS: number, claims: object): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + lifeS;
  const signed = `${HEADER}.${encode(text.encode(JSON.stringify({ ...claims, use, exp })))}`;
  const signature = await crypto.subtle.sign("HMAC", await hmacKey(secret), text.encode(signed));
  return `${signed}.${encode(new Uint8Array(signature))}`;
}

/** The claims of a token that `mint` made for the same use, or `undefined`. */
export async function verify<T>(secret: string, use: string, token: string): Promise<T | undefined> {
  const [header, body, signature, ...rest] = token.split(".");
  if (header !== HEADER || !body || !signature || rest.length > 0) return undefined;
  try {
    const good = await crypto.subtle.verify(
      "HMAC",
      await hmacKey(secret),
      decode(signature),
      text.encode(`${header}.${body}`),
    );
    if (!good) return undefined;
    const claims = JSON.parse(new TextDecoder().decode(decode(body)));
    return claims.use === use && claims.exp > Date.now() / 1000 ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** An address as it is kept: a keyed hash, IPv6 by its /64. */
export async function hashAddress(secret: string, address: string): Promise<string> {
  const digest = await crypto.subtle.sign("HMAC", await hmacKey(secret), text.encode(`address:${group(address)}`));
  return encode(new Uint8Array(digest, 0, 16));
}

function group(address: string): string {
  if (!address.includes(":")) return address;
  const [front = "", back] = address.toLowerCase().split("::");
  const head = front ? front.split(":") : [];
  const tail = back ? back.split(":") : [];
  const zeros = back === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}
