#!/usr/bin/env node
// Side-by-side browser measurements of embeddable chat widgets.
// Every widget is one row of peers.json; nothing in this file knows any of them.
//
//   node measure.mjs --fetch             unpack the pinned packages into vendor/
//   node measure.mjs                     checks + timed runs of every peer -> results.json
//   node measure.mjs --peer a,b --runs 3 --modes fast --no-checks --out x.json
//
// Environment: CHROMIUM (default /usr/bin/chromium), BENCH_RUNS, BENCH_PORT (0 = any),
// BENCH_LATENCY_MS / BENCH_DOWN_BPS / BENCH_UP_BPS / BENCH_CPU (the "slow" mode),
// BENCH_SHOTS (a folder for screenshots, none by default), NPM (default npm).
// A row's "dir" may name any environment variable as ${NAME:-default}.
import { spawn, execFileSync } from 'node:child_process';
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const pkg = JSON.parse(fs.readFileSync(path.join(HERE, 'package.json'), 'utf8'));
const allPeers = JSON.parse(fs.readFileSync(path.join(HERE, 'peers.json'), 'utf8'));
const argv = process.argv.slice(2);
const flag = n => argv.includes('--' + n);
const opt = (n, d) => { const i = argv.indexOf('--' + n); return i < 0 ? d : argv[i + 1]; };
const env = process.env;

const CHROMIUM = env.CHROMIUM || '/usr/bin/chromium';
const RUNS = Number(opt('runs', env.BENCH_RUNS || 7));
const SHOTS = env.BENCH_SHOTS || '';
const SLOW = {
  latency: Number(env.BENCH_LATENCY_MS || 150),
  down: Number(env.BENCH_DOWN_BPS || 1.6e6), up: Number(env.BENCH_UP_BPS || 750e3),
  cpu: Number(env.BENCH_CPU || 4),
};
// fast: as the machine is. slow: throttled. *-eager: the launcher is clicked in the first frame it is seen.
// *-intent: the pointer rests on the launcher until nothing is on its way any more, then clicks.
const MODES = {
  fast: { throttle: null, settle: true }, slow: { throttle: SLOW, settle: true },
  'fast-intent': { throttle: null, settle: true, intent: true }, 'slow-intent': { throttle: SLOW, settle: true, intent: true },
  'fast-eager': { throttle: null, settle: false }, 'slow-eager': { throttle: SLOW, settle: false },
};

// ---------------------------------------------------------------- small helpers
const sleep = ms => new Promise(r => setTimeout(r, ms));
const median = a => { const s = a.filter(x => x != null && !Number.isNaN(x)).sort((x, y) => x - y); if (!s.length) return null; const m = s.length >> 1; return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2; };
const round = (x, d = 0) => x == null ? null : Math.round(x * 10 ** d) / 10 ** d;
const expand = s => s.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, n, d) => env[n] || d || '');
const log = (...a) => console.error(...a);

// ---------------------------------------------------------------- fetch pinned packages
function fetchPeers() {
  const vendor = path.join(HERE, 'vendor');
  fs.mkdirSync(vendor, { recursive: true });
  for (const [name, version] of Object.entries(pkg.peers)) {
    const dest = path.join(vendor, name);
    const have = path.join(dest, 'package.json');
    if (fs.existsSync(have) && JSON.parse(fs.readFileSync(have)).version === version) { log('have', name, version); continue; }
    const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'peer-'));
    execFileSync(env.NPM || 'npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', tmp], { stdio: ['ignore', 'ignore', 'inherit'] });
    const tgz = fs.readdirSync(tmp).find(f => f.endsWith('.tgz'));
    fs.rmSync(dest, { recursive: true, force: true });
    fs.mkdirSync(dest, { recursive: true });
    execFileSync('tar', ['xzf', path.join(tmp, tgz), '-C', dest, '--strip-components=1']);
    fs.rmSync(tmp, { recursive: true, force: true });
    log('got', name, version);
  }
}

// ---------------------------------------------------------------- local server: host page, "CDN", "API"
const TYPES = { js: 'text/javascript', mjs: 'text/javascript', cjs: 'text/javascript', css: 'text/css', html: 'text/html; charset=utf-8', json: 'application/json', wasm: 'application/wasm', svg: 'image/svg+xml', png: 'image/png', woff2: 'font/woff2', woff: 'font/woff', mp3: 'audio/mpeg', ico: 'image/x-icon' };
const COMPRESS = /^(text\/|application\/(json|wasm)|image\/svg)/;
const brCache = new Map();
function brotli(buf) {
  return zlib.brotliCompressSync(buf, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: buf.length } });
}
function fileFor(peer, urlPath) {
  for (const [prefix, dir] of Object.entries(peer.mounts || {})) {
    if (!urlPath.startsWith(prefix)) continue;
    const base = path.resolve(HERE, expand(dir));
    const p = path.join(base, decodeURIComponent(urlPath.slice(prefix.length))); // a mount may also be one file
    if (p !== base && p !== base + path.sep && !p.startsWith(base + path.sep)) continue;
    if (fs.existsSync(p) && fs.statSync(p).isFile()) return p;
  }
  return null;
}
function fill(s, ctx) { return s.replace(/\{\{(\w+)\}\}/g, (_, k) => ctx[k] ?? ''); }
function sha384(buf) { return 'sha384-' + createHash('sha384').update(buf).digest('base64'); }

function hostPage(peer, q, ctx, sri) {
  let head = fill(expand((peer.head || []).join('\n')), ctx), body = fill(expand((peer.body || []).join('\n')), ctx);
  if (q.has('csp')) { const n = s => s.replace(/<(script|style)(?=[\s>])/g, '<$1 nonce="bench"'); head = n(head); body = n(body); }
  if (q.has('sri') && sri) {
    const tag = s => s.replace(/<(script|link)\b([^>]*?)\b(src|href)="([^"]+)"([^>]*)>/g, (m, t, a, k, u, z) => sri.attr[u] ? `<${t}${a}${k}="${u}"${z} integrity="${sri.attr[u]}" crossorigin="anonymous">` : m);
    head = `<script type="importmap">${JSON.stringify({ integrity: sri.map })}</script>\n` + tag(head); body = tag(body);
  }
  const rtl = q.has('rtl');
  const hostile = q.has('leak') ? '<style>button,input,textarea,a,div[role=button]{outline:7px solid rgb(1,2,3)!important;letter-spacing:9px!important}</style>' : '';
  return `<!doctype html><html lang="${rtl ? 'ar' : 'en'}"${rtl ? ' dir="rtl"' : ''}><head><meta charset="utf-8"><title>Example shop</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
${hostile}${head}</head><body><main><h1>Example shop</h1><p id="hp">A plain page with a paragraph, <a id="ha" href="#x">a link</a>, a field and a button.</p>
<p><label>Search <input id="hi" name="q"></label> <button id="hb" type="button">Search</button></p><ul id="hu"><li>One</li><li>Two</li></ul></main>
${body}</body></html>`;
}
const CSP = {
  strict: c => `default-src 'none'; base-uri 'none'; form-action 'none'; script-src ${c.cdn} 'nonce-bench'; style-src ${c.cdn} 'nonce-bench'; img-src ${c.cdn} ${c.api} data:; font-src ${c.cdn}; connect-src ${c.cdn} ${c.api} ${c.api.replace('http', 'ws')}; frame-src ${c.cdn}; media-src ${c.cdn}`,
  style: c => CSP.strict(c).replace(`style-src ${c.cdn} 'nonce-bench'`, `style-src ${c.cdn} 'unsafe-inline'`),
};
// A row with "upstream" is a server that is already running. What it sends is compressed on the way, as an edge network does and a development
// server does not; everything else passes as it is, the Host included.
function forward(upstream, req, body, res, log, id, kind) {
  const to = new URL(upstream);
  const out = httpRequest({ host: to.hostname, port: to.port, method: req.method, path: req.url, headers: { ...req.headers, 'accept-encoding': 'identity' } }, answer => {
    const type = answer.headers['content-type'] || '';
    if (type.startsWith('text/event-stream')) { res.writeHead(answer.statusCode, answer.headers); answer.pipe(res); return; }
    const parts = []; answer.on('data', c => parts.push(c)); answer.on('end', () => {
      const raw = Buffer.concat(parts), headers = { ...answer.headers }; let sent = raw;
      delete headers['transfer-encoding'];
      if (COMPRESS.test(type) && raw.length > 200 && /\bbr\b/.test(req.headers['accept-encoding'] || '')) {
        const key = createHash('sha1').update(raw).digest('hex');
        if (!brCache.has(key)) brCache.set(key, brotli(raw));
        sent = brCache.get(key); headers['content-encoding'] = 'br';
      }
      headers['content-length'] = sent.length;
      log.push({ id, kind, method: req.method, url: req.url, status: answer.statusCode, raw: raw.length, sent: sent.length });
      res.writeHead(answer.statusCode, headers); res.end(sent);
    });
  });
  out.on('error', e => { res.writeHead(502); res.end(String(e)); });
  out.end(body);
}
function startServer() {
  const state = { log: [], sri: {} };
  const server = createServer((req, res) => {
    const hostName = (req.headers.host || '').split(':')[0];
    const [id, kind] = hostName.split('.');
    const peer = allPeers.find(p => p.id === id);
    const url = new URL(req.url, `http://${req.headers.host}`);
    const ctx = state.ctx(id);
    const send = (status, type, buf, extra = {}) => {
      const h = { 'content-type': type, 'access-control-allow-origin': req.headers.origin || '*', 'access-control-allow-credentials': 'true', 'access-control-allow-headers': req.headers['access-control-request-headers'] || '*', 'access-control-allow-methods': '*', 'access-control-max-age': '600', 'timing-allow-origin': '*', ...extra };
      let body = buf;
      if (COMPRESS.test(type) && buf.length > 200 && /\bbr\b/.test(req.headers['accept-encoding'] || '')) {
        const key = createHash('sha1').update(buf).digest('hex');
        if (!brCache.has(key)) brCache.set(key, brotli(buf));
        body = brCache.get(key); h['content-encoding'] = 'br';
      }
      h['content-length'] = body.length;
      state.log.push({ id, kind, method: req.method, url: url.pathname + url.search, status, raw: buf.length, sent: body.length });
      res.writeHead(status, h); res.end(req.method === 'HEAD' ? undefined : body);
    };
    const chunks = []; req.on('data', c => chunks.push(c)); req.on('end', () => {
      if (!peer) return send(404, 'text/plain', Buffer.from('no such peer'));
      if (kind === 'shop') {
        if (url.pathname !== '/') return send(404, 'text/plain', Buffer.from('none'));
        const extra = { 'cache-control': 'no-store' };
        if (url.searchParams.has('csp')) extra['content-security-policy'] = CSP[url.searchParams.get('csp')](ctx);
        return send(200, TYPES.html, Buffer.from(hostPage(peer, url.searchParams, ctx, state.sri[id])), extra);
      }
      if (req.method === 'OPTIONS') return send(204, 'text/plain', Buffer.alloc(0));
      const full = url.pathname + url.search;
      const r = (peer.routes || []).find(r => new RegExp(r.match).test(full) && (!r.method || r.method === req.method) && (!r.host || r.host === kind));
      if (r && r.file) { const p = path.resolve(HERE, expand(r.file)); return send(200, TYPES[path.extname(p).slice(1)] || 'application/octet-stream', Buffer.from(r.html ? r.html : fs.readFileSync(p)), { 'cache-control': 'no-cache' }); }
      if (r && r.sse) { res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'access-control-allow-origin': req.headers.origin || '*', 'access-control-allow-credentials': 'true' }); for (const e of r.sse) res.write(`data: ${fill(typeof e === 'string' ? e : JSON.stringify(e), ctx)}\n\n`); return; }
      if (r) return send(r.status || 200, r.type || (r.text != null ? 'text/plain' : TYPES.json), Buffer.from(r.text != null ? fill(r.text, ctx) : fill(JSON.stringify(r.json ?? {}), ctx)), { 'cache-control': 'no-store' });
      if (kind === 'widget-cdn' && peer.upstream) return forward(expand(peer.upstream), req, Buffer.concat(chunks), res, state.log, id, kind);
      if (kind === 'widget-cdn') {
        const p = fileFor(peer, url.pathname);
        if (p) return send(200, TYPES[path.extname(p).slice(1)] || 'application/octet-stream', fs.readFileSync(p), { 'cache-control': 'public, max-age=31536000, immutable' });
      }
      send(404, TYPES.json, Buffer.from('{}'));
    });
  });
  server.on('upgrade', (req, sock, head) => { // scripted WebSocket: rows of {match: regex, reply: text with $1...}
    const [id] = (req.headers.host || '').split('.'), peer = allPeers.find(p => p.id === id);
    if (peer && peer.upstream) { // as it is, to the running server
      const to = new URL(expand(peer.upstream)), up = connect(to.port, to.hostname, () => {
        up.write(`${req.method} ${req.url} HTTP/1.1\r\n` + req.rawHeaders.map((h, i) => i % 2 ? h + '\r\n' : h + ': ').join('') + '\r\n'); up.write(head); up.pipe(sock); sock.pipe(up);
      });
      up.on('error', () => sock.destroy()); sock.on('error', () => up.destroy()); return;
    }
    if (!peer || !peer.ws) { sock.end('HTTP/1.1 404 Not Found\r\n\r\n'); return; }
    const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    sock.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    const say = text => { const b = Buffer.from(text), h = b.length < 126 ? Buffer.from([0x81, b.length]) : Buffer.from([0x81, 126, b.length >> 8, b.length & 255]); sock.write(Buffer.concat([h, b])); };
    let acc = Buffer.alloc(0); sock.on('error', () => {});
    sock.on('data', d => {
      acc = Buffer.concat([acc, d]);
      while (acc.length >= 6) {
        let n = acc[1] & 127, o = 2; if (n === 126) { n = acc.readUInt16BE(2); o = 4; } else if (n === 127) return sock.destroy();
        if (acc.length < o + 4 + n) return;
        const mask = acc.subarray(o, o + 4), body = Buffer.from(acc.subarray(o + 4, o + 4 + n)).map((x, i) => x ^ mask[i & 3]), op = acc[0] & 15; acc = acc.subarray(o + 4 + n);
        if (op === 8) return sock.end(); if (op !== 1) continue;
        const text = body.toString(); if (flag('verbose')) log('  ws <', text.slice(0, 200));
        for (const r of peer.ws) { const m = text.match(new RegExp(r.match)); if (m) { say(r.reply.replace(/\$(\d)/g, (_, i) => m[i] ?? '')); break; } }
      }
    });
  });
  return new Promise(ok => server.listen(Number(env.BENCH_PORT || 0), '127.0.0.1', () => {
    const port = server.address().port;
    // a row's "origins" points {{cdn}} and {{api}} at a server that is already running, say a local edge runtime on http://own-cdn.localhost:8787
    state.ctx = id => { const o = (allPeers.find(p => p.id === id) || {}).origins || {}; return { id, port, shop: `http://${id}.shop.localhost:${port}`, cdn: (o.cdn && expand(o.cdn)) || `http://${id}.widget-cdn.localhost:${port}`, api: (o.api && expand(o.api)) || `http://${id}.widget-api.localhost:${port}` }; };
    ok({ server, state, port });
  }));
}

// ---------------------------------------------------------------- browser over a CDP pipe
class Browser {
  static async start(prefs) {
    const b = new Browser();
    b.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-chromium-'));
    if (prefs) { fs.mkdirSync(path.join(b.dir, 'Default')); fs.writeFileSync(path.join(b.dir, 'Default', 'Preferences'), JSON.stringify(prefs)); }
    b.proc = spawn(CHROMIUM, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-default-browser-check',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions', '--mute-audio', '--hide-scrollbars',
      '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--window-size=1280,800', '--lang=en-US',
      `--user-data-dir=${b.dir}`, '--remote-debugging-pipe', 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true });
    b.n = 0; b.wait = new Map(); b.handlers = [];
    let acc = Buffer.alloc(0);
    b.proc.stdio[4].on('data', d => {
      acc = Buffer.concat([acc, d]); let i;
      while ((i = acc.indexOf(0)) >= 0) { const m = JSON.parse(acc.subarray(0, i).toString()); acc = acc.subarray(i + 1); b.onMessage(m); }
    });
    b.proc.stdio[3].on('error', () => {}); b.proc.stdio[4].on('error', () => {});
    await b.send('Browser.getVersion').then(v => { b.version = v.product; });
    return b;
  }
  onMessage(m) {
    if (m.id) { const w = this.wait.get(m.id); this.wait.delete(m.id); if (!w) return; m.error ? w.no(new Error(w.method + ': ' + m.error.message)) : w.ok(m.result); }
    else for (const h of this.handlers) h(m.method, m.params, m.sessionId);
  }
  send(method, params = {}, sessionId) {
    const id = ++this.n;
    return new Promise((ok, no) => { this.wait.set(id, { ok, no, method }); this.proc.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0', e => e && no(e)); });
  }
  async stop() {
    const gone = new Promise(r => this.proc.once('exit', r));
    this.send('Browser.close').catch(() => {});
    const t = setTimeout(() => { try { process.kill(-this.proc.pid, 'SIGKILL'); } catch {} }, 4000);
    await gone; clearTimeout(t); await sleep(50);
    try { fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }); } catch {}
  }
}

// Runs in every frame before any page script: sees elements appear through open and closed shadow roots,
// records long tasks, CSP violations and the first click.
function probeSource(keys) {
  return `(() => {
  if (window.__bench) return;
  const keys = ${JSON.stringify(keys)}, framed = k => !!keys[k + 'Frame'], mine = k => (framed(k) ? window !== window.top : window === window.top), roots = [], st = {}, emit = (o) => { try { window.__benchEmit(JSON.stringify(o)); } catch (e) {} };
  const now = () => performance.timeOrigin + performance.now();
  const B = window.__bench = { long: [], csp: [], errors: [] };
  Object.defineProperty(window, '__bench', { enumerable: false });
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (i) { const r = attach.call(this, i); roots.push(r); return r; };
  try { new PerformanceObserver(l => { for (const e of l.getEntries()) B.long.push([performance.timeOrigin + e.startTime, e.duration]); }).observe({ type: 'longtask', buffered: true }); } catch (e) {}
  document.addEventListener('securitypolicyviolation', e => B.csp.push({ d: e.effectiveDirective, u: (e.blockedURI || '').slice(0, 120), s: (e.sample || '').slice(0, 60), f: (e.sourceFile || '').split('/').pop() + ':' + e.lineNumber }));
  window.addEventListener('error', e => B.errors.push(String(e.message || 'load error: ' + ((e.target && (e.target.src || e.target.href)) || '')).slice(0, 160)), true);
  window.addEventListener('unhandledrejection', e => B.errors.push('rejection: ' + String(e.reason).slice(0, 160)));
  window.addEventListener('click', e => { if (e.isTrusted) emit({ type: 'click', t: performance.timeOrigin + e.timeStamp }); }, true);
  B.all = sel => { const out = []; for (const r of [document, ...roots]) { try { out.push(...r.querySelectorAll(sel)); } catch (e) {} } return out; };
  B.opacity = el => { let o = 1; for (let n = el; n; n = n.assignedSlot || n.parentNode || n.host) { if (n.nodeType === 1) o *= parseFloat(getComputedStyle(n).opacity); if (n.nodeType === 11 && n.host) { n = { parentNode: n.host }; } } return o; };
  B.visible = el => {
    if (!el.isConnected) return null;
    const r = el.getBoundingClientRect();
    if (r.width < 2 || r.height < 2) return null;
    const cx = r.x + r.width / 2, cy = r.y + r.height / 2;
    if (cx < 0 || cy < 0 || cx > innerWidth || cy > innerHeight) return null;
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return null;
    if (B.opacity(el) < 0.5) return null;
    return { x: r.x, y: r.y, w: r.width, h: r.height };
  };
  B.match = k => (keys[k] && mine(k) ? B.all(keys[k]) : []);
  B.key = k => { for (const el of B.match(k)) { const r = B.visible(el); if (r) return [el, r]; } return null; };
  B.find = sel => { for (const el of B.all(sel)) { const r = B.visible(el); if (r) return [el, r]; } return null; };
  B.active = () => { let a = document.activeElement; const deep = n => { while (n) { const r = n.shadowRoot || roots.find(x => x.host === n); if (r && r.activeElement) n = r.activeElement; else return n; } }; return deep(a); };
  const tick = () => {
    for (const k in keys) {
      const hit = document.documentElement && B.key(k);
      if (!!hit !== !!st[k]) { st[k] = !!hit; emit({ type: hit ? 'show' : 'hide', key: k, t: now(), rect: hit && hit[1], top: window === window.top }); }
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})();`;
}

class Page {
  // One page load: collects network, contexts and probe events over the page and its out-of-process frames and workers.
  constructor(browser, peer, mode, o = {}) { Object.assign(this, { b: browser, peer, mode, o, events: [], reqs: new Map(), sessions: new Map(), contexts: new Map(), errors: [], inflight: new Set(), lastNet: 0, extraHosts: new Set() }); }
  async open(url) {
    const { b, peer } = this;
    this.keys = {};
    for (const k of ['launcher', 'input']) if (peer[k]) { this.keys[k] = peer[k].selector; if (peer[k].frame) this.keys[k + 'Frame'] = peer[k].frame; }
    (peer.steps || []).forEach((s, i) => { this.keys['step' + i] = s.selector; if (s.frame) this.keys['step' + i + 'Frame'] = s.frame; });
    this.handler = (m, p, s) => this.onEvent(m, p, s);
    b.handlers.push(this.handler);
    const { targetId } = await b.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await b.send('Target.attachToTarget', { targetId, flatten: true });
    this.main = sessionId; this.targetId = targetId;
    await this.setup(sessionId, 'page');
    if (this.o.dark) await b.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] }, sessionId);
    if (this.o.mobile) await b.send('Emulation.setDeviceMetricsOverride', { width: 375, height: 667, deviceScaleFactor: 2, mobile: true }, sessionId);
    await sleep(400);
    this.perf0 = await this.perf(sessionId);
    this.navWall = Date.now();
    await b.send('Page.navigate', { url }, sessionId);
  }
  async setup(s, type) {
    const { b } = this, q = [];
    const go = (m, p) => q.push(b.send(m, p, s).catch(e => this.errors.push(`${type} ${e.message}`)));
    this.sessions.set(s, { type });
    go('Network.enable', {}); go('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
    const t = this.mode.throttle;
    if (t) go('Network.emulateNetworkConditions', { offline: false, latency: t.latency, downloadThroughput: t.down / 8, uploadThroughput: t.up / 8 });
    if (type === 'page' || type === 'iframe') {
      go('Page.enable', {}); go('Performance.enable', { timeDomain: 'threadTicks' }); go('Runtime.enable', {}); go('Runtime.addBinding', { name: '__benchEmit' });
      go('Page.addScriptToEvaluateOnNewDocument', { source: probeSource(this.keys), runImmediately: true });
      if (t) go('Emulation.setCPUThrottlingRate', { rate: t.cpu });
    }
    go('Runtime.runIfWaitingForDebugger', {});
    await Promise.all(q);
  }
  onEvent(m, p, s) {
    if (m === 'Target.attachedToTarget' && (s === this.main || this.sessions.has(s))) { this.setup(p.sessionId, p.targetInfo.type); return; }
    if (!this.sessions.has(s)) return;
    if (m === 'Runtime.executionContextCreated') { const a = p.context.auxData || {}; if (a.isDefault) this.contexts.set(s + ':' + p.context.id, { s, id: p.context.id, frameId: a.frameId, origin: p.context.origin }); }
    else if (m === 'Runtime.executionContextDestroyed') this.contexts.delete(s + ':' + p.executionContextId);
    else if (m === 'Runtime.executionContextsCleared') { for (const [k, c] of this.contexts) if (c.s === s) this.contexts.delete(k); }
    else if (m === 'Runtime.bindingCalled' && p.name === '__benchEmit') { const e = JSON.parse(p.payload); e.s = s; e.ctx = p.executionContextId; this.events.push(e); }
    else if (m.startsWith('Network.')) this.onNet(m, p, s);
    else if (flag('verbose') && m === 'Runtime.consoleAPICalled') log('  console', p.type, p.args.map(a => String(a.value ?? a.description ?? '').slice(0, 200)).join(' '));
    else if (m === 'Runtime.exceptionThrown') { const d = p.exceptionDetails, t = (d.exception && d.exception.description || d.text || '').split('\n').slice(0, 2).join(' | ').slice(0, 240); (this.exceptions ||= []).push(t); if (flag('verbose')) log('  exception', t); }
  }
  onNet(m, p, s) {
    const key = p.requestId; this.lastNet = Date.now();
    const r = this.reqs.get(key);
    if (m === 'Network.requestWillBeSent') {
      if (/^(data|blob|about|chrome)/.test(p.request.url)) return;
      this.reqs.set(key, { url: p.request.url, type: p.type, s, frameId: p.frameId, mono: p.timestamp, wall: p.wallTime, cors: !!(p.request.headers.Origin || p.request.headers.origin), initiator: p.initiator && p.initiator.type, bytes: 0 });
      this.inflight.add(key);
      const h = new URL(p.request.url).hostname; if (!h.endsWith('.localhost')) this.extraHosts.add(new URL(p.request.url).host);
    } else if (!r) { if (m === 'Network.webSocketCreated') { const h = new URL(p.url).hostname; if (!h.endsWith('.localhost')) this.extraHosts.add(new URL(p.url).host); this.ws = (this.ws || 0) + 1; } }
    else if (m === 'Network.responseReceived') { r.status = p.response.status; r.mime = p.response.mimeType; if (/event-stream/.test(r.mime)) this.inflight.delete(key); }
    else if (m === 'Network.dataReceived') r.bytes += p.encodedDataLength;
    else if (m === 'Network.loadingFinished') { r.bytes = p.encodedDataLength; r.end = r.wall * 1000 + (p.timestamp - r.mono) * 1000; this.inflight.delete(key); }
    else if (m === 'Network.loadingFailed') { r.failed = p.errorText || p.blockedReason; r.end = r.wall * 1000 + (p.timestamp - r.mono) * 1000; this.inflight.delete(key); }
  }
  async ev(expression, ctx) { // evaluate in the top frame's page context, or in one tracked context
    const p = { expression, returnByValue: true, awaitPromise: true, ...(ctx ? { contextId: ctx.id } : {}) };
    const r = await this.b.send('Runtime.evaluate', p, ctx ? ctx.s : this.main);
    if (r.exceptionDetails) throw new Error((r.exceptionDetails.exception && r.exceptionDetails.exception.description || r.exceptionDetails.text).slice(0, 200));
    return r.result.value;
  }
  async evAll(expression) { const out = []; for (const c of [...this.contexts.values()]) { try { const v = await this.ev(expression, c); if (v !== undefined) out.push({ ...c, v, top: c.s === this.main && v && v.top }); } catch {} } return out; }
  async perf(s) { const { metrics } = await this.b.send('Performance.getMetrics', {}, s); return Object.fromEntries(metrics.map(m => [m.name, m.value])); }
  // First time at or after t0 at which `key` (and its host iframe element, when one is named) was visible.
  seen(key, t0) {
    const one = k => {
      const ev = this.events.filter(e => e.key === k); const per = new Map();
      let best = null;
      for (const e of ev) { const id = e.s + ':' + e.ctx; if (e.t <= t0) { per.set(id, e); continue; } }
      for (const e of per.values()) if (e.type === 'show') best = { ...e, t: t0 };
      for (const e of ev) if (e.t > t0 && e.type === 'show' && (!best || e.t < best.t)) best = e;
      return best;
    };
    const a = one(key); if (!a) return null;
    const f = this.keys[key + 'Frame']; if (!f) return a;
    const h = one(key + 'Frame'); if (!h) return null;
    return { ...a, t: Math.max(a.t, h.t) };
  }
  async until(fn, ms) { const end = Date.now() + ms; for (;;) { const v = fn(); if (v) return v; if (Date.now() > end) return null; await sleep(10); } }
  async quiet(ms = 1000, max = 8000) { const end = Date.now() + max; while (Date.now() < end) { if (Date.now() - this.lastNet > ms && this.inflight.size === 0) return true; await sleep(50); } return false; }
  async rectOf(key) { // current centre in top-level coordinates
    for (const c of await this.evAll(`(() => { const h = window.__bench && window.__bench.key('${key}'); return h ? { r: h[1], top: window === top } : undefined })()`)) {
      let x = c.v.r.x + c.v.r.w / 2, y = c.v.r.y + c.v.r.h / 2;
      if (!c.v.top) { const f = await this.ev(`(() => { const h = window.__bench.key('${key}Frame'); return h && h[1] })()`); if (!f) continue; x += f.x; y += f.y; }
      return { x, y, ctx: c, r: c.v.r };
    }
    return null;
  }
  async mouse(x, y) {
    const { b } = this, s = this.main, p = { x, y, button: 'left', clickCount: 1 };
    await b.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y }, s);
    const at = Date.now();
    b.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...p }, s).catch(() => {});
    b.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...p }, s).catch(() => {});
    return at;
  }
  async key(k, code, vk, text, mod = 0) {
    await this.b.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', key: k, code, windowsVirtualKeyCode: vk, text, modifiers: mod }, this.main);
    await this.b.send('Input.dispatchKeyEvent', { type: 'keyUp', key: k, code, windowsVirtualKeyCode: vk, modifiers: mod }, this.main);
  }
  async clickKey(key, max = 8000) {
    const n = this.events.length;
    const at = await this.until(() => this.seen(key, 0), max) && await this.rectOf(key);
    if (!at) return null;
    const node = await this.mouse(at.x, at.y);
    const e = await this.until(() => this.events.slice(n).find(e => e.type === 'click'), 2500);
    return { t: e ? e.t : node, trusted: !!e, ...at };
  }
  // Clicks the launcher and whatever further steps the row names, until the input can be used.
  async openPanel(max) {
    const first = await this.clickKey('launcher', max); if (!first) return null;
    for (let i = 0; i < (this.peer.steps || []).length; i++) await this.clickKey('step' + i, max);
    const hit = await this.until(() => this.seen('input', first.t), max);
    return { click: first, input: hit };
  }
  widgetReqs(until = Infinity) { return [...this.reqs.values()].filter(r => !(r.type === 'Document' && new URL(r.url).hostname.includes('.shop.')) && (r.end ?? Infinity) <= until); }
  async shot(name) { if (!SHOTS) return; fs.mkdirSync(SHOTS, { recursive: true }); const { data } = await this.b.send('Page.captureScreenshot', { format: 'png' }, this.main); fs.writeFileSync(path.join(SHOTS, name + '.png'), Buffer.from(data, 'base64')); }
  async close() { const i = this.b.handlers.indexOf(this.handler); if (i >= 0) this.b.handlers.splice(i, 1); await this.b.send('Target.closeTarget', { targetId: this.targetId }).catch(() => {}); }
}

const TBT = (list, t0, t1) => { let sum = 0, tbt = 0, n = 0, max = 0; for (const [s, d] of list) if (s >= t0 && s < t1) { sum += d; tbt += Math.max(0, d - 50); n++; max = Math.max(max, d); } return { tasks: n, sum: Math.round(sum), tbt: Math.round(tbt), max: Math.round(max) }; };
async function longTasks(pg) { // one list for the host page's process, one for out-of-process widget frames
  const host = [], frames = [];
  for (const c of await pg.evAll('window.__bench ? { long: window.__bench.long, root: (() => { try { return window === parent || !parent.__bench } catch (e) { return true } })(), top: window === top } : undefined')) {
    if (c.s === pg.main) { if (c.v.top) host.push(...c.v.long); } else if (c.v.root) frames.push(...c.v.long);
  }
  return { host, frames };
}
async function heap(pg) {
  let used = 0, embedder = 0, backing = 0, ok = true, parts = [];
  for (const [s, i] of pg.sessions) if (i.type === 'page' || i.type === 'iframe') {
    try {
      await pg.b.send('HeapProfiler.collectGarbage', {}, s); const h = await pg.b.send('Runtime.getHeapUsage', {}, s);
      used += h.usedSize; embedder += h.embedderHeapUsedSize || 0; backing += h.backingStorageSize || 0; parts.push([i.type, Math.round(h.usedSize / 1024)]);
    } catch { ok = false; }
  }
  return { jsKB: Math.round(used / 1024), domKB: Math.round(embedder / 1024), buffersKB: Math.round(backing / 1024), processes: parts, ok };
}

// ---------------------------------------------------------------- one timed run
const cpuNow = () => { const t = { busy: 0, all: 0 }; for (const c of os.cpus()) for (const k in c.times) { t.all += c.times[k]; if (k !== 'idle') t.busy += c.times[k]; } return t; };
async function busyShare(ms) { const a = cpuNow(); await sleep(ms); const b = cpuNow(); return (b.busy - a.busy) / Math.max(1, b.all - a.all); }
async function waitIdle() { const end = Date.now() + 1000 * Number(env.BENCH_IDLE_WAIT_S ?? 3); let s; do { s = await busyShare(600); } while (s > 0.35 && Date.now() < end); return s; }
async function timedRun(peer, modeName, state) {
  const mode = MODES[modeName], idle = await waitIdle(), b = await Browser.start(), out = { load1: round(os.loadavg()[0], 2), busyBefore: round(idle, 2) };
  const max = mode.throttle ? 40000 : 15000;
  try {
    const pg = new Page(b, peer, mode); await pg.open(state.ctx(peer.id).shop + '/');
    const key = peer.launcher ? 'launcher' : 'input';
    if (!peer.launcher && !peer.input) { await sleep(1500); }
    const first = peer.launcher || peer.input ? await pg.until(() => pg.seen(key, 0), max) : { t: 0 };
    if (!first) { out.error = key + ' never became visible'; return out; }
    const origin = await pg.ev('performance.timeOrigin');
    let click = null, input = null, settleT = null;
    if (mode.settle) await pg.quiet(1000, mode.throttle ? 20000 : 8000);
    if (mode.settle || !peer.launcher) {
      settleT = Date.now();
      const p = await pg.perf(pg.main);
      out.cpuLoad = { script: round((p.ScriptDuration - pg.perf0.ScriptDuration) * 1000), task: round((p.TaskDuration - pg.perf0.TaskDuration) * 1000), layout: round((p.LayoutDuration + p.RecalcStyleDuration - pg.perf0.LayoutDuration - pg.perf0.RecalcStyleDuration) * 1000) };
    }
    out.firstMs = first.t ? round(first.t - origin) : null;
    const before = pg.widgetReqs(first.t || Infinity);
    out.before = { wire: before.reduce((a, r) => a + r.bytes, 0), requests: before.length };
    if (settleT) { const l = pg.widgetReqs(settleT); out.idle = { wire: l.reduce((a, r) => a + r.bytes, 0), requests: l.length }; }
    if (peer.launcher) {
      if (mode.intent) {
        const at = await pg.rectOf('launcher'); if (at) await b.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: at.x, y: at.y }, pg.main);
        await sleep(300); await pg.quiet(1000, mode.throttle ? 20000 : 8000);
      }
      const r = await pg.openPanel(max);
      if (!r || !r.input) out.error = 'input never became visible after the click';
      else { click = r.click; input = r.input; out.clickSeen = click.trusted; out.openMs = round(input.t - click.t); out.inputFromNavMs = round(input.t - origin); }
    } else { input = first; out.inputFromNavMs = out.firstMs; }
    await pg.quiet(800, mode.throttle ? 12000 : 5000); await sleep(300);
    const all = pg.widgetReqs(); out.after = { wire: all.reduce((a, r) => a + r.bytes, 0), requests: all.length };
    const p2 = await pg.perf(pg.main);
    out.cpuAll = { script: round((p2.ScriptDuration - pg.perf0.ScriptDuration) * 1000), task: round((p2.TaskDuration - pg.perf0.TaskDuration) * 1000) };
    const lt = await longTasks(pg), split = click ? click.t : Infinity;
    out.longLoad = TBT(lt.host, 0, split); out.longOpen = TBT(lt.host, split, Infinity); out.longFrames = TBT(lt.frames, 0, Infinity);
    const paint = await pg.ev(`(() => { const p = performance.getEntriesByName('first-contentful-paint')[0], n = performance.getEntriesByType('navigation')[0]; return [p ? p.startTime : null, n.loadEventEnd] })()`);
    out.fcpMs = round(paint[0]); out.loadMs = round(paint[1]);
    out.heap = await heap(pg);
    out.processes = [...pg.sessions.values()].filter(s => s.type === 'iframe').length + 1;
    if (pg.errors.length) out.cdpErrors = [...new Set(pg.errors)].slice(0, 4);
  } catch (e) { out.error = String(e.message || e); } finally { await b.stop(); }
  return out;
}

// ---------------------------------------------------------------- one-off checks (not timed)
const axeSource = () => fs.readFileSync(path.join(HERE, 'node_modules/axe-core/axe.min.js'), 'utf8');
async function runAxe(pg) {
  const by = { critical: [], serious: [], moderate: [], minor: [] }; let nodes = 0; const wcag = new Set();
  const src = axeSource();
  for (const c of [...pg.contexts.values()]) {
    try {
      const okay = await pg.ev('!!window.__bench && innerWidth > 1 && innerHeight > 1', c); if (!okay) continue;
      await pg.b.send('Runtime.evaluate', { expression: src + ';0', contextId: c.id }, c.s);
      const r = await pg.ev(`axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(r => r.violations.map(v => ({ id: v.id, impact: v.impact, n: v.nodes.length, wcag: v.tags.some(t => /^wcag\\d/.test(t)), t: v.nodes.slice(0, 2).map(n => String(n.target).slice(0, 80)) })))`, c);
      for (const v of r) { const l = by[v.impact] || by.minor; const had = l.find(x => x.id === v.id); if (had) had.n += v.n; else l.push({ id: v.id, n: v.n, wcag: v.wcag, t: v.t }); nodes += v.n; if (v.wcag) wcag.add(v.id); }
    } catch (e) { (pg.axeErrors ||= []).push(e.message.slice(0, 120)); }
  }
  return { rules: Object.fromEntries(Object.entries(by).map(([k, v]) => [k, v.length])), nodes, wcagRules: wcag.size, list: by, errors: pg.axeErrors };
}
async function keyboard(pg) {
  const k = { tabs: null, opens: false, focusInInput: null, escCloses: null, focusBack: null };
  const here = async key => { for (const c of await pg.evAll(`(() => { const a = window.__bench && window.__bench.active(); if (!a || a === document.body || !document.hasFocus()) return undefined; const l = window.__bench.match('${key}'); return l.some(e => e === a || (${key === 'launcher'} && (e.contains(a) || a.contains(e) && a.tagName !== 'BODY' && a.tagName !== 'HTML'))) || undefined })()`)) if (c.v) return true; return false; };
  for (let i = 1; i <= 14; i++) { await pg.key('Tab', 'Tab', 9); await sleep(60); if (await here('launcher')) { k.tabs = i; break; } }
  if (k.tabs == null) return k;
  await pg.key('Enter', 'Enter', 13, '\r');
  for (let i = 0; i < (pg.peer.steps || []).length; i++) await pg.clickKey('step' + i, 3000);
  k.opens = !!(await pg.until(() => pg.seen('input', Date.now() - 1), 4000)); await sleep(700);
  if (!k.opens) return k;
  k.focusInInput = await here('input');
  if (!k.focusInInput) { let n = 0; for (; n < 14; n++) { await pg.key('Tab', 'Tab', 9); await sleep(50); if (await here('input')) break; } k.tabsToInput = n < 14 ? n + 1 : null; }
  await pg.key('Escape', 'Escape', 27); await sleep(800);
  k.escCloses = !(await pg.rectOf('input'));
  if (k.escCloses) k.focusBack = await here('launcher');
  return k;
}
const STYLE_FP = `(() => { const o = {}; for (const s of ['html','body','#hp','#ha','#hi','#hb','#hu','h1']) { const e = document.querySelector(s), c = getComputedStyle(e); o[s] = {}; for (const p of c) o[s][p] = c.getPropertyValue(p); } return o })()`;
const GLOBALS = `Object.keys(window).filter(k => !k.startsWith('__bench') && !/^\\d+$/.test(k))`;
// Where the input ended up and how it is painted; used to tell a styled panel from an unstyled one.
async function look(pg) { const a = await pg.rectOf('input').catch(() => null); if (!a) return null; const css = await pg.ev(`(() => { const s = getComputedStyle(window.__bench.key('input')[0]); return [s.fontFamily, s.fontSize, s.color, s.padding, s.border].join('|') })()`, a.ctx).catch(() => ''); return { x: Math.round(a.x), y: Math.round(a.y), w: Math.round(a.r.w), h: Math.round(a.r.h), css }; }
const sameLook = (a, b) => !!a && !!b && a.css === b.css && ['x', 'y', 'w', 'h'].every(k => Math.abs(a[k] - b[k]) <= 12);
async function checks(peer, srv, base) {
  const { state } = srv, ctx = state.ctx(peer.id), out = {}, mode = MODES.fast;
  const visit = async (q, o, fn) => { const b = await Browser.start(o.prefs); try { const pg = new Page(b, peer, mode, o); await pg.open(ctx.shop + '/' + (q ? '?' + q : '')); return await fn(pg, b); } catch (e) { return { error: String(e.message || e) }; } finally { await b.stop(); } };
  const ready = async (pg, max = 12000) => { const f = await pg.until(() => pg.seen(peer.launcher ? 'launcher' : 'input', 0), max); await pg.quiet(800, 5000); return f; };
  if (peer.launcher || peer.input) await visit('', {}, pg => ready(pg, 60000)); // warms the disk cache and the brotli cache
  // 1. what is loaded, from where; accessibility; what it leaves on the host page
  out.base = await visit('', {}, async pg => {
    const r = { first: !!(await ready(pg)) };
    await pg.shot(peer.id + '-1-closed');
    const pre = pg.widgetReqs(); r.filesBefore = pre.map(x => x.url);
    if (peer.launcher) { const p = await pg.openPanel(10000); r.opened = !!(p && p.input); } else r.opened = r.first;
    await pg.quiet(800, 5000); await sleep(600); await pg.shot(peer.id + '-2-open'); r.look = await look(pg);
    r.filesAfter = pg.widgetReqs().map(x => x.url);
    r.failed = pg.widgetReqs().filter(x => x.failed || x.status >= 400).map(x => `${x.url.split('?')[0]} ${x.failed || x.status}`);
    r.thirdParty = [...pg.extraHosts]; r.websockets = pg.ws || 0;
    const a = await pg.rectOf('input').catch(() => null);
    if (a) {
      r.autofocus = !!(await pg.evAll(`(() => { const a = window.__bench && window.__bench.active(); return (a && document.hasFocus() && window.__bench.match('input').includes(a)) || undefined })()`)).length;
      await pg.mouse(a.x, a.y); await sleep(150); await pg.b.send('Input.insertText', { text: 'hello' }, pg.main); await sleep(200);
      r.typeable = !!(await pg.evAll(`(() => { const l = window.__bench ? window.__bench.match('input') : []; return l.some(e => (e.value || e.textContent || '').includes('hello')) || undefined })()`)).length;
    }
    r.frames = await pg.ev('document.querySelectorAll("iframe").length'); r.oopFrames = [...pg.sessions.values()].filter(s => s.type === 'iframe').length;
    const where = a ? await pg.ev(`(() => { const e = window.__bench.key('input'); if (!e) return null; const n = e[0].getRootNode(); return n instanceof ShadowRoot ? 'shadow DOM (' + n.mode + ')' : 'bare DOM' })()`, a.ctx).catch(() => null) : null;
    r.isolation = a && !a.ctx.v.top ? 'iframe' : where;
    r.axe = await runAxe(pg);
    r.globals = (await pg.ev(GLOBALS)).filter(g => !(base && base.globals || []).includes(g) && !['axe'].includes(g)); r.allGlobals = base ? undefined : await pg.ev(GLOBALS);
    const fp = await pg.ev(STYLE_FP); if (!base) r.fp = fp;
    else { r.hostStylesChanged = 0; for (const s in fp) for (const p in fp[s]) if (!p.startsWith('--') && base.fp[s][p] !== undefined && base.fp[s][p] !== fp[s][p] && !/^(width|height|block-size|inline-size|perspective-origin|transform-origin)$/.test(p)) r.hostStylesChanged++; r.hostVars = Object.keys(fp.html).filter(p => p.startsWith('--')).length; }
    r.storage = await pg.ev('({ local: Object.keys(localStorage), session: Object.keys(sessionStorage), cookies: document.cookie.split(";").map(s => s.split("=")[0].trim()).filter(Boolean) })');
    r.exceptions = [...new Set(pg.exceptions || [])].slice(0, 6);
    r.errors = [...new Set((await pg.evAll('window.__bench ? window.__bench.errors : undefined')).flatMap(c => c.v))].slice(0, 6);
    return r;
  });
  if (!peer.launcher && !peer.input) return out;
  out.keyboard = peer.launcher ? await visit('', {}, async pg => { await ready(pg); return keyboard(pg); }) : null;
  for (const level of ['strict', 'style']) out['csp_' + level] = await visit('csp=' + level, {}, async pg => {
    const r = { first: !!(await ready(pg, 6000)) };
    if (peer.launcher && r.first) { const p = await pg.openPanel(5000); r.opened = !!(p && p.input); } else r.opened = r.first && !peer.launcher;
    await sleep(500); await pg.shot(peer.id + '-3-csp-' + level);
    r.look = await look(pg);
    const v = await pg.ev('window.__bench.csp'); const by = {}; for (const x of v) { const k = x.d + ' ' + x.u.replace(/\?.*/, ''); by[k] = (by[k] || 0) + 1; } r.violations = v.length; r.by = by; r.samples = v.filter(x => x.s).slice(0, 3).map(x => x.s); return r;
  });
  for (const level of ['csp_strict', 'csp_style']) out[level].styled = sameLook(out[level].look, out.base.look);
  // SRI: integrity on the tags of the embed code, plus an import map for modules those tags pull in
  const files = (out.base.filesAfter || []).filter(u => u.startsWith(ctx.cdn)); const sri = { attr: {}, map: {} };
  for (const u of files) { const p = fileFor(peer, new URL(u).pathname); if (p && /\.(m?js|cjs|css)$/.test(p)) { sri.attr[u] = sha384(fs.readFileSync(p)); if (!p.endsWith('.css')) sri.map[u] = sri.attr[u]; } }
  state.sri[peer.id] = sri; const html = hostPage(peer, new URLSearchParams('sri=1'), ctx, sri);
  out.sri = await visit('sri=1', {}, async pg => {
    const r = { works: !!(await ready(pg, 8000)) }; if (peer.launcher && r.works) { const p = await pg.openPanel(6000); r.works = !!(p && p.input); }
    let cov = 0, tot = 0; const un = [];
    const mainFrame = (await pg.b.send('Page.getFrameTree', {}, pg.main)).frameTree.frame.id;
    for (const x of pg.widgetReqs()) { const u = x.url, p = u.startsWith(ctx.cdn) && fileFor(peer, new URL(u).pathname); if (!p || !/\.(m?js|cjs|css|html|wasm)$/.test(p)) continue; const n = fs.statSync(p).size; tot += n; const attr = html.includes(`="${u}"`) && sri.attr[u]; const mod = x.frameId === mainFrame && x.cors && sri.map[u] && !attr; if (attr || mod) cov += n; else un.push(path.basename(p)); }
    r.coveredPct = tot ? round(100 * cov / tot) : null; r.uncovered = un.slice(0, 8); return r;
  });
  const paintOf = async pg => { const a = await pg.rectOf('input'); if (!a) return null; return pg.ev(`(() => { const e = window.__bench.key('input')[0]; const c = []; for (let n = e; n; n = n.parentNode || n.host) { if (n.nodeType !== 1) continue; const s = getComputedStyle(n); if (s.backgroundColor !== 'rgba(0, 0, 0, 0)') { c.push(s.backgroundColor); break; } } return { bg: c[0] || null, fg: getComputedStyle(e).color, dir: getComputedStyle(e).direction, outline: getComputedStyle(e).outlineColor, ls: getComputedStyle(e).letterSpacing, rect: window.__bench.key('input')[1], fs: getComputedStyle(e).fontSize } })()`, a.ctx); };
  const openThen = (o, q, name) => visit(q, o, async pg => { const f = await ready(pg); if (!f) return { first: false }; let l = null; if (peer.launcher) { l = await pg.rectOf('launcher'); const p = await pg.openPanel(6000); if (!p || !p.input) { await pg.shot(peer.id + name); return { first: true, opened: false }; } } await sleep(700); await pg.shot(peer.id + name); const p = await paintOf(pg); return { first: true, opened: true, launcherX: l && round(l.x), ...p }; });
  const light = await openThen({}, '', '-4-light'), dark = await openThen({ dark: true }, '', '-5-dark');
  out.dark = { light: [light.bg, light.fg], dark: [dark.bg, dark.fg], follows: light.bg !== dark.bg || light.fg !== dark.fg };
  const rtl = await openThen({}, 'rtl=1', '-6-rtl'); out.rtl = { inputDirection: rtl.dir, launcherX: [light.launcherX, rtl.launcherX] };
  const leak = await openThen({}, 'leak=1', '-7-leak'); out.hostCssReaches = { input: leak.outline === 'rgb(1, 2, 3)' || leak.ls === '9px' };
  const noStore = await openThen({ prefs: { profile: { default_content_setting_values: { cookies: 2 } } } }, '', '-9-nostorage'); out.storageDenied = { first: noStore.first, opened: !!noStore.opened };
  const mob = await openThen({ mobile: true }, '', '-8-mobile'); out.mobile = { opened: mob.opened, fontSize: mob.fs };
  return out;
}

// ---------------------------------------------------------------- file sizes
const sizeCache = new Map();
function sizes(buf) { const k = createHash('sha256').update(buf).digest('hex'); if (!sizeCache.has(k)) sizeCache.set(k, { raw: buf.length, gzip: zlib.gzipSync(buf, { level: 9 }).length, brotli: brotli(buf).length, sha256: k }); return sizeCache.get(k); }
function tally(peer, urls, ctx) {
  const t = { files: [], code: { raw: 0, gzip: 0, brotli: 0 }, other: { raw: 0, n: 0 } };
  for (const u of [...new Set(urls)]) {
    if (!u.startsWith(ctx.cdn)) continue; const url = new URL(u);
    const route = (peer.routes || []).find(r => r.file && new RegExp(r.match).test(url.pathname + url.search));
    const p = route ? path.resolve(HERE, expand(route.file)) : fileFor(peer, url.pathname); if (!p) continue;
    const s = sizes(fs.readFileSync(p)), code = /\.(m?js|cjs|css|wasm|html)$/.test(p);
    t.files.push({ file: path.relative(HERE, p).split(path.sep).join('/').replace(/^(\.\.\/)+/, ''), raw: s.raw, gzip: s.gzip, brotli: s.brotli, sha256: s.sha256.slice(0, 16) });
    if (code) { t.code.raw += s.raw; t.code.gzip += s.gzip; t.code.brotli += s.brotli; } else { t.other.raw += s.raw; t.other.n++; }
  }
  return t;
}
function grepBundle(peer, urls, ctx) { // static look for constructs a strict host CSP would stop
  const out = { eval: 0, newFunction: 0, styleTag: 0, insertRule: 0, adoptedSheets: 0, setStyleAttr: 0 };
  for (const u of [...new Set(urls)]) { const p = u.startsWith(ctx.cdn) && fileFor(peer, new URL(u).pathname); if (!p || !/\.(m?js|cjs)$/.test(p)) continue; const s = fs.readFileSync(p, 'utf8'); const n = re => (s.match(re) || []).length; out.eval += n(/(?<![\w.$])eval\(/g); out.newFunction += n(/new Function\(|(?<![\w.$])Function\(["'`]/g); out.styleTag += n(/createElement\(["'`]style["'`]\)|<style/g); out.insertRule += n(/insertRule\(/g); out.adoptedSheets += n(/adoptedStyleSheets/g); out.setStyleAttr += n(/setAttribute\(["'`]style["'`]/g); }
  return out;
}

// ---------------------------------------------------------------- main
function summarise(runs) {
  const ok = runs.filter(r => !r.error), g = f => median(ok.map(f)), range = f => { const v = ok.map(f).filter(x => x != null); return v.length ? [Math.min(...v), Math.max(...v)] : null; };
  return { runs: runs.length, failed: runs.length - ok.length, errors: [...new Set(runs.map(r => r.error).filter(Boolean))], firstMs: g(r => r.firstMs), firstRange: range(r => r.firstMs), openMs: g(r => r.openMs), openRange: range(r => r.openMs), inputFromNavMs: g(r => r.inputFromNavMs), wireBefore: g(r => r.before?.wire), requestsBefore: g(r => r.before?.requests), wireIdle: g(r => r.idle?.wire), wireAfter: g(r => r.after?.wire), requestsAfter: g(r => r.after?.requests), hostTbtLoad: g(r => r.longLoad?.tbt), hostLongLoad: g(r => r.longLoad?.sum), hostTbtOpen: g(r => r.longOpen?.tbt), hostLongOpen: g(r => r.longOpen?.sum), frameTbt: g(r => r.longFrames?.tbt), frameLong: g(r => r.longFrames?.sum), scriptLoad: g(r => r.cpuLoad?.script), taskLoad: g(r => r.cpuLoad?.task), layoutLoad: g(r => r.cpuLoad?.layout), scriptAll: g(r => r.cpuAll?.script), taskAll: g(r => r.cpuAll?.task), heapKB: g(r => r.heap?.jsKB), domKB: g(r => r.heap?.domKB), buffersKB: g(r => r.heap?.buffersKB), fcpMs: g(r => r.fcpMs), processes: g(r => r.processes), load1: g(r => r.load1), busyBefore: g(r => r.busyBefore) };
}
function save(res, file, port) { // one line per run and per check
  const parts = [], keep = o => { parts.push(JSON.stringify(o)); return `@@${parts.length - 1}@@`; };
  const text = JSON.stringify(res, (k, v) => k === 'runs' && v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([m, l]) => [m, l.map(keep)])) : ['sizes', 'bundle', 'checks', 'summary'].includes(k) && v ? Object.fromEntries(Object.entries(v).map(([n, x]) => [n, x && typeof x === 'object' ? keep(x) : x])) : v, 1);
  fs.writeFileSync(file, text.replace(/"@@(\d+)@@"/g, (_, i) => parts[i]).replaceAll(port ? '.localhost:' + port : '\0', '.localhost') + '\n');
}
async function main() {
  if (flag('fetch')) return fetchPeers();
  const only = opt('peer', '') ? opt('peer').split(',') : null;
  const peers = allPeers.filter(p => !p.skip && (!only || only.includes(p.id)));
  const modes = opt('modes', 'fast,slow,slow-eager').split(',').filter(Boolean);
  const eagerRuns = Number(opt('eager-runs', Math.min(RUNS, 3)));
  const outFile = path.resolve(HERE, opt('out', 'results.json'));
  const old = fs.existsSync(outFile) ? JSON.parse(fs.readFileSync(outFile)) : {}; // --no-checks keeps the checks already there
  if (flag('print')) return table(old, modes);
  if (flag('resave')) return save(old, outFile);
  const srv = await startServer();
  if (flag('serve')) { for (const p of peers) console.log(srv.state.ctx(p.id).shop + '/'); return; }
  const res = { when: new Date().toISOString(), node: process.version, cores: os.cpus().length, cpu: os.cpus()[0].model, slow: SLOW, runs: RUNS, peers: {} }; if (only && old.peers) res.peers = old.peers;
  const b = await Browser.start(); res.chromium = b.version; await b.stop();
  let base = null;
  if (!flag('no-checks')) {
    const bl = allPeers.find(p => p.id === 'baseline'); const c = await checks(bl, srv, null); base = { fp: c.base.fp, globals: c.base.allGlobals };
  }
  for (const p of peers) {
    const had = old.peers?.[p.id] || {};
    const r = res.peers[p.id] = { ...(flag('no-checks') ? { checks: had.checks, sizes: had.sizes, bundle: had.bundle } : {}), name: p.name, licence: p.licence, downloadsMonth: p.downloads, version: p.npm ? pkg.peers[p.npm[0]] : p.version || null, kind: p.launcher ? 'launcher + panel' : p.input ? 'inline panel' : 'none', runs: {} };
    if (flag('no-checks')) continue;
    log('checks', p.id);
    const c = r.checks = await checks(p, srv, base); const ctx = srv.state.ctx(p.id);
    r.sizes = { before: tally(p, c.base.filesBefore || [], ctx), after: tally(p, c.base.filesAfter || [], ctx) };
    r.bundle = grepBundle(p, c.base.filesAfter || [], ctx);
    for (const k of ['filesBefore', 'filesAfter', 'failed']) if (c.base[k]) c.base[k] = c.base[k].map(u => u.replace(new RegExp(`:${srv.port}`, 'g'), ''));
    delete c.base.fp; delete c.base.allGlobals;
    save(res, outFile, srv.port);
  }
  if (flag('no-checks')) for (const p of peers) if (p.launcher || p.input) { log('warm-up', p.id); await timedRun(p, 'fast', srv.state); }
  for (const m of modes) { // rounds are interleaved over the peers, so that a busy moment hits all of them alike
    const n = m.endsWith('eager') ? eagerRuns : RUNS;
    for (let i = 0; i < n; i++) for (const p of peers) {
      if (m.endsWith('eager') && !p.launcher) continue;
      const one = await timedRun(p, m, srv.state); (res.peers[p.id].runs[m] ||= []).push(one);
      log(m, i + 1 + '/' + n, p.id, one.error || `first ${one.firstMs} ms, open ${one.openMs} ms, wire ${one.before?.wire}/${one.after?.wire}, tbt ${one.longLoad?.tbt}+${one.longOpen?.tbt} (frames ${one.longFrames?.tbt}), heap ${one.heap?.jsKB} KB`, one.cdpErrors || '');
    }
    for (const p of peers) if (res.peers[p.id].runs[m]) (res.peers[p.id].summary ||= {})[m] = summarise(res.peers[p.id].runs[m]);
    save(res, outFile, srv.port);
  }
  table(res, modes); srv.server.close(); srv.server.closeAllConnections?.();
}
function table(res, modes) {
  const rows = Object.entries(res.peers || {}), KB = x => x == null ? '–' : round(x / 1024, 1), v = x => x ?? '–', yn = x => x === true ? 'yes' : x === false ? 'no' : '–';
  const out = (title, head, line) => { const ls = rows.map(line).filter(Boolean); if (ls.length) console.log(`\n### ${title}\n\n| ${head.join(' | ')} |\n|${head.map((_, i) => i ? '--:' : '---').join('|')}|\n${ls.map(l => `| ${l.join(' | ')} |`).join('\n')}`); };
  out('Code sizes (JS + CSS + WASM + HTML of the widget), KB', ['widget', 'version', 'files', 'raw before click', 'gzip -9', 'brotli -q 11', 'brotli after open', 'third-party hosts asked'], ([id, p]) => p.sizes && p.checks.base.first && [id, v(p.version), p.sizes.before.files.length, KB(p.sizes.before.code.raw), KB(p.sizes.before.code.gzip), KB(p.sizes.before.code.brotli), KB(p.sizes.after.code.brotli), (p.checks.base.thirdParty || []).join(', ') || 'none']);
  for (const m of modes) out(`${m} (median)`, ['widget', 'first visible ms', 'min–max', 'click to input ms', 'navigation to input ms', 'wire before KB', 'wire after KB', 'host TBT load ms', 'host TBT open ms', 'frame TBT ms', 'JS heap KB', 'DOM + buffers KB', 'FCP ms'], ([id, p]) => { const s = p.summary?.[m]; return s && [id + (s.failed ? ` (${s.failed} of ${s.runs} failed: ${s.errors})` : ''), v(s.firstMs), s.firstRange ? s.firstRange.join('–') : '–', v(s.openMs), m.endsWith('eager') || p.kind === 'inline panel' ? v(s.inputFromNavMs) : '–', KB(s.wireBefore), KB(s.wireAfter), v(s.hostTbtLoad), v(s.hostTbtOpen), v(s.frameTbt), v(s.heapKB), s.domKB == null ? '–' : s.domKB + (s.buffersKB || 0), v(s.fcpMs)]; });
  out('Checks', ['widget', 'isolation', 'axe critical/serious/moderate/minor', 'WCAG rules', 'launcher by Tab', 'Enter opens', 'focus to input', 'Esc closes', 'focus back', 'strict CSP', 'inline-style CSP', 'SRI %', 'host CSS reaches it', 'follows dark', 'input dir in RTL page', 'launcher moves in RTL', 'works without storage', 'globals'], ([id, p]) => { const c = p.checks, b = c?.base; if (!b || !b.first) return null; const k = c.keyboard || {}, a = b.axe?.rules || {}, csp = x => !x ? '–' : !x.opened ? 'broken' : x.styled ? (x.violations ? `ok, ${x.violations} blocked` : 'ok') : x.look && b.look && Math.abs(x.look.x - b.look.x) + Math.abs(x.look.y - b.look.y) < 12 ? 'font or colour lost' : 'unstyled'; return [id, v(b.isolation), `${a.critical}/${a.serious}/${a.moderate}/${a.minor}`, v(b.axe?.wcagRules), c.keyboard ? yn(k.tabs != null) : 'n/a', c.keyboard ? yn(k.opens) : 'n/a', c.keyboard ? yn(k.focusInInput) : 'n/a', c.keyboard ? yn(k.escCloses) : 'n/a', c.keyboard ? yn(k.focusBack) : 'n/a', csp(c.csp_strict), csp(c.csp_style), v(c.sri?.coveredPct), yn(c.hostCssReaches?.input), yn(c.dark?.follows), v(c.rtl?.inputDirection), c.rtl?.launcherX?.[0] == null ? 'n/a' : yn(Math.abs(c.rtl.launcherX[0] - c.rtl.launcherX[1]) > 100), yn(c.storageDenied?.opened), (b.globals || []).length]; });
}
main().catch(e => { console.error(e); process.exit(1); });
