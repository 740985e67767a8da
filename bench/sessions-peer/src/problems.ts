// Errors as problem documents (RFC 9457).
import type { ContentfulStatusCode } from "hono/utils/http-status";

const CODES = {
  invalid_body: [400, "The body is not what this call takes"],
  ticket_invalid: [401, "The ticket is not valid"],
  origin_not_allowed: [403, "This origin may not open the chat"],
  site_not_found: [404, "No such site"],
  not_found: [404, "Nothing here"],
  ticket_used: [409, "The ticket was used already"],
  body_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The media type is not supported"],
  rate_limited: [429, "Too many requests"],
  internal: [500, "Something went wrong on our side"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export class Problem extends Error {
  constructor(
    readonly code: keyof typeof CODES,
    readonly headers: Record<string, string> = {},
  ) {
    super(code);
  }

  response(requestId: string): Response {
    const [status, title] = CODES[this.code];
    const document = {
      type: `urn:oriel:problem:${this.code}`,
      title,
      status,
      code: this.code,
      detail: `${title}.`,
      request_id: requestId,
    };
    return new Response(JSON.stringify(document), {
      status,
      headers: { ...this.headers, "content-type": "application/problem+json" },
    });
  }
}
