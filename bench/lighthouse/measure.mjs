// Lighthouse on one page without and with the chat, on a phone and on a desktop, in turns, each time in a new browser.
// Prints the median of each category and what is lower with the chat; writes everything as JSON.
//
// From the environment: PAGES (JSON: {"without": url, "with": url}), CHROMIUM, ROUNDS, OUT.
import { writeFileSync } from "node:fs";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const { PAGES, CHROMIUM, ROUNDS, OUT } = process.env;
const pages = Object.entries(JSON.parse(PAGES));
const rounds = +ROUNDS;
const presets = { phone: undefined, desktop: desktopConfig };

const median = (values) => {
  const sorted = values.filter((value) => value != null).sort((a, b) => a - b);
  return sorted.length ? (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2 : null;
};

/** One run: the scores of categories and audits, 0 to 1; an audit that does not apply has none. */
const run = async (url, config) => {
  const chrome = await launch({
    chromePath: CHROMIUM,
    chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"],
  });
  try {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "error" }, config);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    const scores = (things) => Object.fromEntries(Object.entries(things).map(([id, { score }]) => [id, score]));
    return {
      categories: scores(lhr.categories),
      audits: scores(lhr.audits),
      titles: Object.fromEntries(Object.entries(lhr.audits).map(([id, { title }]) => [id, title])),
      warnings: lhr.runWarnings,
      requests: lhr.audits["network-requests"].details.items.map((request) => request.url),
    };
  } finally {
    chrome.kill();
  }
};

const runs = [];
for (let round = 0; round < rounds; round++) {
  for (const [preset, config] of Object.entries(presets)) {
    // The order turns from round to round, so that neither is always the first.
    for (const [page, url] of round % 2 ? [...pages].reverse() : pages) {
      console.error(`round ${round + 1} of ${rounds}: ${preset}, ${page} the chat`);
      runs.push({ preset, page, ...(await run(url, config)) });
    }
  }
}
writeFileSync(OUT, JSON.stringify(runs));
const n_requests = (page) => median(runs.filter((run) => run.page == page).map((run) => run.requests.length));
if (n_requests("with") <= n_requests("without")) throw new Error("the chat's script was not loaded: nothing is compared");

const of = (preset, page, kind, id) =>
  median(runs.filter((run) => run.preset == preset && run.page == page).map((run) => run[kind][id]));
const shown = (score) => (score == null ? "–" : `${Math.round(score * 100)}`).padStart(8);
const ids = (kind) => [...new Set(runs.flatMap((run) => Object.keys(run[kind])))];

console.log(`\nmedians of ${rounds} runs\n${" ".repeat(27)} without     with`);
const lower = [];
for (const preset of Object.keys(presets)) {
  for (const id of ids("categories")) {
    const [without, having] = ["without", "with"].map((page) => of(preset, page, "categories", id));
    console.log(`${preset.padEnd(9)}${id.padEnd(18)}${shown(without)} ${shown(having)}`);
    if (having < without) lower.push(`${preset}: ${id}`);
  }
}
for (const preset of Object.keys(presets)) {
  for (const id of ids("audits")) {
    const [without, having] = ["without", "with"].map((page) => of(preset, page, "audits", id));
    // What applies to the chat alone and is not met counts, too.
    if (having != null && having < (without ?? 1)) {
      const { titles } = runs.findLast((run) => run.preset == preset && run.page == "with");
      console.log(`lower with the chat: ${preset}: ${id}: ${shown(without).trim()} → ${shown(having).trim()}: ${titles[id]}`);
    }
  }
}
const warnings = new Set(runs.flatMap((run) => run.warnings));
for (const warning of warnings) console.log(`Lighthouse says: ${warning}`);
console.log(lower.length ? `\nnot reached: ${lower.join(", ")}` : "\nno category is lower with the chat");
