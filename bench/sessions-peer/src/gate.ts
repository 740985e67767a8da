// A site's limits on tickets: one row an address and one for the site, by GCRA. Exact, and kept through restarts.
import { DurableObject } from "cloudflare:workers";
import type { Env } from "./env";

const PER_ADDRESS = { burst: 10, perMinute: 30 };
const SITE = "site";
/** Rows whose time has passed say nothing; they go once a minute. */
const SWEEP_MS = 60_000;

interface Quota {
  burst: number;
  perMinute: number;
}

export class Gate extends DurableObject<Env> {
  #sql = this.ctx.storage.sql;
  #sweepAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS gate (who TEXT PRIMARY KEY, next_free REAL NOT NULL) WITHOUT ROWID;
    `);
  }

  /** Milliseconds to wait; zero when one more ticket may pass, which is counted then. */
  admit(address: string, sitePerMinute: number): number {
    const now = Date.now();
    this.#sweep(now);
    const site: Quota = { burst: sitePerMinute, perMinute: sitePerMinute };
    const free = new Map<string, number>();
    for (const row of this.#sql.exec<{ who: string; next_free: number }>(
      "SELECT who, next_free FROM gate WHERE who IN (?, ?)",
      address,
      SITE,
    )) {
      free.set(row.who, row.next_free);
    }
    const ofAddress = step(PER_ADDRESS, free.get(address), now);
    const ofSite = step(site, free.get(SITE), now);
    const wait = Math.max(ofAddress.wait, ofSite.wait);
    if (wait > 0) return wait;
    this.#sql.exec(
      "INSERT INTO gate (who, next_free) VALUES (?, ?), (?, ?) ON CONFLICT (who) DO UPDATE SET next_free = excluded.next_free",
      address,
      ofAddress.nextFree,
      SITE,
      ofSite.nextFree,
    );
    return 0;
  }

  #sweep(now: number) {
    if (now < this.#sweepAt) return;
    this.#sql.exec("DELETE FROM gate WHERE next_free < ?", now);
    this.#sweepAt = now + SWEEP_MS;
  }
}

function step(quota: Quota, nextFree: number | undefined, now: number): { nextFree: number; wait: number } {
  const interval = 60_000 / quota.perMinute;
  const from = Math.max(nextFree ?? 0, now);
  return { nextFree: from + interval, wait: Math.max(0, from - now - (quota.burst - 1) * interval) };
}
