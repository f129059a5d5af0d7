/** What `load-process.ts` is to do, as JSON in its one argument. */
export interface LoadOptions {
  readonly url: string;
  readonly seconds: number;
  /** Events a second, whether they are answered or not; null: each connection sends the next request when it is answered. */
  readonly rate: number | null;
  readonly connections: number;
  readonly eventsPerRequest: number;
  /** Events are of users `@u0:load` and so on. */
  readonly users: number;
  /** Requests are numbered from here on; the first event of each carries the number as `request`. */
  readonly firstRequest: number;
}

/** What came of it. */
export interface LoadResult {
  /** Requests that were due, sent or not: not, when no connection was free. */
  readonly due: number;
  readonly sent: number;
  /** By status, or `none` for a request without an answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers of 429 and 503 without both `Retry-After` and `retry_after_ms`. */
  readonly withoutRetryAfter: number;
  /** Numbers of the requests that were answered with 200. */
  readonly acknowledged: readonly number[];
  /** Of those without an answer, which may be in the log. */
  readonly unknown: number;
  /** From the request to its answer, milliseconds. */
  readonly p50Ms: number;
  readonly maxMs: number;
  /** From the first request to the last answer, of requests that were acknowledged. */
  readonly seconds: number;
}
