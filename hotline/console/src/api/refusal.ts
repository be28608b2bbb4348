/**
 * A request that the service did not carry out, with the code that says why.
 *
 * Everything that can go wrong on the way becomes one kind of error, so that a screen has one thing to
 * show: a code it can put into the reader's language, and the service's own sentence where it cannot.
 */

/** Nobody has looked at the request: it came too slowly over a broken line, or there were too many. */
const NOT_LOOKED_AT = new Set([0, 408, 429]);

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, unknown>;
  /** Seconds to wait before asking again, where the service said so. */
  readonly waitSeconds: number | null;

  constructor(status: number, code: string, sentence: string, fields: Record<string, unknown>, waitSeconds: number | null) {
    super(sentence);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.waitSeconds = waitSeconds;
  }

  /** Whether the same request may succeed when it is simply sent again. */
  get isPassing(): boolean {
    return NOT_LOOKED_AT.has(this.status) || this.status >= 500;
  }
}

/** Read the answer's body into a refusal; `null` when nothing came back at all. */
export function refusalFrom(response: Response | null, body: unknown): Refusal {
  if (response === null) return new Refusal(0, "network.lost", "The service did not answer.", {}, null);
  const told = isRecord(body) ? body : {};
  const code = typeof told["code"] === "string" ? told["code"] : `http.${response.status}`;
  const sentence = typeof told["sentence"] === "string" ? told["sentence"] : response.statusText;
  const fields = isRecord(told["fields"]) ? told["fields"] : {};
  return new Refusal(response.status, code, sentence, fields, waitIn(response, fields, sentence));
}

/** Whatever was thrown, as a refusal. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const sentence = thrown instanceof Error ? thrown.message : String(thrown);
  return thrown instanceof TypeError ? refusalFrom(null, null) : new Refusal(500, "console.broken", sentence, {}, null);
}

function waitIn(response: Response, fields: Record<string, unknown>, sentence: string): number | null {
  if (response.status !== 429) return null;
  const named = Number(fields["seconds"] ?? response.headers.get("retry-after") ?? /\d+/.exec(sentence)?.[0]);
  return Number.isFinite(named) && named > 0 ? Math.ceil(named) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
