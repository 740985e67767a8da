// One visitor of one site: tickets are spent and sessions begin here.
import { DurableObject } from "cloudflare:workers";
import type { Env } from "./env";
import { newId } from "./ids";
import type { Ticket } from "./tokens";

export interface Session {
  conversation: string;
  family: string;
  generation: number;
}

export class Visitor extends DurableObject<Env> {
  #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS conversation (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        org_id TEXT NOT NULL,
        site_id TEXT NOT NULL,
        visitor_id TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        answer_id TEXT
      );
      CREATE TABLE IF NOT EXISTS sessions (
        family TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        renewed_at INTEGER NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0
      ) WITHOUT ROWID;
    `);
  }

  /** Spends a ticket and begins a session; `null` when the ticket was spent before. */
  open(ticket: Ticket): Session | null {
    const now = Date.now();
    // A session is named after its ticket, so that no ticket can open a second one.
    const family = `fam_${ticket.jti}`;
    const { rowsWritten } = this.#sql.exec(
      "INSERT INTO sessions (family, generation, renewed_at) VALUES (?, 1, ?) ON CONFLICT (family) DO NOTHING",
      family,
      now,
    );
    if (rowsWritten === 0) return null;
    const { id } = this.#sql
      .exec<{ id: string }>(
        `INSERT INTO conversation (only, id, org_id, site_id, visitor_id, status, created_at)
         VALUES (1, ?, ?, ?, ?, 'open', ?) ON CONFLICT (only) DO UPDATE SET only = 1 RETURNING id`,
        newId("cnv_"),
        ticket.org,
        ticket.site,
        ticket.visitor,
        now,
      )
      .one();
    return { conversation: id, family, generation: 1 };
  }
}
