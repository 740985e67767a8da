// Sites from D1, remembered for five seconds in this isolate.
import type { Env } from "./env";
import { Problem } from "./problems";

export interface Site {
  id: string;
  org: string;
  key: string;
  safelist: string[];
  ticketsPerMinute: number;
}

interface Row {
  id: string;
  org_id: string;
  safelist: string;
  tickets_per_minute: number;
}

const FRESH_MS = 5_000;
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, { until: number; site: Site | null }>();

export async function findSite(env: Env, key: string): Promise<Site> {
  if (!/^pk_[\w-]{22}$/.test(key)) throw new Problem("site_not_found");
  const now = Date.now();
  let known = remembered.get(key);
  if (!known || known.until <= now) {
    known = { until: now + FRESH_MS, site: await read(env, key) };
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(key, known);
  }
  if (!known.site) throw new Problem("site_not_found");
  return known.site;
}

async function read(env: Env, key: string): Promise<Site | null> {
  const row = await env.DB.prepare(
    "SELECT id, org_id, safelist, tickets_per_minute FROM sites WHERE key = ?1 AND enabled = 1",
  )
    .bind(key)
    .first<Row>();
  return (
    row && {
      id: row.id,
      org: row.org_id,
      key,
      safelist: JSON.parse(row.safelist),
      ticketsPerMinute: row.tickets_per_minute,
    }
  );
}
