// A visitor token, in Node.js, with `jsonwebtoken`. Runs as: node visitor_token.mjs
import process from "node:process";
import jwt from "jsonwebtoken";

/** A token for a visitor who is logged in; `user.id` never changes. */
export function visitorToken(user) {
  return jwt.sign({ name: user.name, email: user.email }, process.env.ORIEL_SIGNING_SECRET, {
    algorithm: "HS256",
    keyid: process.env.ORIEL_SIGNING_KID,
    audience: process.env.ORIEL_SITE_KEY,
    subject: user.id,
    expiresIn: 300,
  });
}

console.log(visitorToken({ id: "user-42", name: "Ann Miller", email: "ann@example.com" }));
