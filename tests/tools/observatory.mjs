// Mozilla's HTTP Observatory on pages of this machine. In: {certificate, key, pages: [{name, url}]}, the first two as PEM;
// `NODE_EXTRA_CA_CERTS` has to name the certificate too. Out: {pages: [{name, grade, score, failed}], otherHosts: [host…]}.
//
// The scanner grades https, on good answers alone. So it asks a front of ours with TLS, which passes everything on as it
// is, except what cannot hold on plain http here: a refusal's status becomes 200, and sources of this machine that are
// named with http in a policy are named with https, as they are where the edge is deployed.
import { existsSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";

// Nothing leaves this machine: whoever tries is stopped and named.
const otherHosts = [];
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...wanted) {
  const host = [wanted].flat(2)[0]?.host ?? "localhost";
  if (!["localhost", "127.0.0.1", "::1"].includes(host)) {
    otherHosts.push(host);
    throw new Error(`${host} is not this machine`);
  }
  return connect.apply(this, wanted);
};

// Lists that its install script would fetch. Without them no name counts as preloaded, which is what these pages are.
for (const [list, empty] of [["hsts-preload.json", "{}"], ["tld-list.json", "[]"]]) {
  const path = new URL(`../../node_modules/@mdn/mdn-http-observatory/conf/${list}`, import.meta.url);
  if (!existsSync(path)) writeFileSync(path, empty);
}
const { scan } = await import("@mdn/mdn-http-observatory");

const { certificate, key, pages } = JSON.parse(await text(process.stdin));
const hop = ["connection", "keep-alive", "transfer-encoding"];

function pass(request, response) {
  const page = pages[Number(request.url.slice(1))];
  if (!page) return response.writeHead(404).end();
  const { host, ...headers } = request.headers;
  const upstream = http.request(page.url, { method: request.method, headers }, (answer) => {
    const sent = Object.entries(answer.headers).filter(([name]) => !hop.includes(name));
    for (const header of sent)
      if (header[0] == "content-security-policy") header[1] = header[1].replace(/http:(?=\/\/(127\.0\.0\.1|localhost)\b)/g, "https:");
    const refused = request.method == "GET" && answer.statusCode >= 400;
    response.writeHead(refused ? 200 : answer.statusCode, Object.fromEntries(sent));
    answer.pipe(response);
  });
  upstream.on("error", () => response.destroy());
  request.pipe(upstream);
}

const front = https.createServer({ cert: certificate, key }, pass);
await new Promise((ready) => front.listen(0, "localhost", ready));
const graded = [];
for (const [at, { name }] of pages.entries()) {
  const { scan: found, tests } = await scan(`localhost:${front.address().port}/${at}`);
  const failed = Object.entries(tests).filter(([, test]) => !test.pass).map(([test, { result }]) => `${test}: ${result}`);
  graded.push({ name, grade: found.grade, score: found.score, failed });
}
front.closeAllConnections();
front.close();
console.log(JSON.stringify({ pages: graded, otherHosts }));
