/** Statuses that go away by themselves: the same request can be sent again later. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The server's answer to a request that it did not do; the message is its sentence. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    message: string,
    /** HTTP status. */
    readonly status: number,
    /** What kind of error it is, as `M_FORBIDDEN`; `M_UNKNOWN` when the server does not say. */
    readonly errcode: string,
    /** When the server wants to be asked again, milliseconds; null: it does not say. */
    readonly retryAfterMs: number | null,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return PASSING.has(this.status);
  }

  /** Reads the error that a response tells. Proxies in between may tell it in any shape. */
  static async of(response: Response): Promise<RequestError> {
    const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    const message = typeof body?.error === 'string' ? body.error : `The server answered ${response.status}.`;
    const errcode = typeof body?.errcode === 'string' ? body.errcode : 'M_UNKNOWN';
    const header = response.headers.get('retry-after') ?? '';
    const seconds = /^\d+$/.test(header) ? Number(header) * 1_000 : null;
    const retryAfterMs = typeof body?.retry_after_ms === 'number' ? body.retry_after_ms : seconds;
    return new RequestError(message, response.status, errcode, retryAfterMs);
  }
}
