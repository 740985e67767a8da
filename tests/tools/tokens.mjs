// Makes visitor tokens with two JWT libraries. In: [{library, alg, header, claims, secret}], where `claims` is an object,
// or text to be signed as it is. Out: the tokens, in that order. A library that refuses to make one ends this.
import { generateKeyPairSync } from "node:crypto";
import { text } from "node:stream/consumers";
import { CompactSign, SignJWT, UnsecuredJWT, generateKeyPair } from "jose";
import jsonwebtoken from "jsonwebtoken";

const makers = {
  async jose({ alg, header, claims, secret }) {
    if (alg == "none") return new UnsecuredJWT(claims).encode();
    const bytes = new TextEncoder();
    const key = alg.startsWith("HS") ? bytes.encode(secret) : (await generateKeyPair(alg)).privateKey;
    const token = typeof claims == "string" ? new CompactSign(bytes.encode(claims)) : new SignJWT(claims);
    return token.setProtectedHeader({ alg, typ: "JWT", ...header }).sign(key);
  },

  jsonwebtoken({ alg, header, claims, secret }) {
    const curve = { namedCurve: "P-256", privateKeyEncoding: { type: "pkcs8", format: "pem" } };
    const key = alg.startsWith("ES") ? generateKeyPairSync("ec", curve).privateKey : alg == "none" ? "" : secret;
    const options = { algorithm: alg, header };
    // It adds `iat` where there is none unless told not to.
    if (typeof claims == "object" && !("iat" in claims)) options.noTimestamp = true;
    return jsonwebtoken.sign(claims, key, options);
  },
};

const wanted = JSON.parse(await text(process.stdin));
const tokens = [];
for (const one of wanted) tokens.push(await makers[one.library](one));
console.log(JSON.stringify(tokens));
