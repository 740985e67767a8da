import type { Gate } from "./gate";
import type { Visitor } from "./visitor";

export interface Env {
  DB: D1Database;
  GATES: DurableObjectNamespace<Gate>;
  VISITORS: DurableObjectNamespace<Visitor>;
  /** 32 random bytes as base64. */
  TOKEN_KEY: string;
}
