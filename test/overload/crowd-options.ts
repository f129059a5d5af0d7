/** The crowd, as JSON in the one argument of `crowd-process.ts`. */
export interface CrowdOptions {
  readonly url: string;
  /** How many streams, of users `@u0:load` and so on. */
  readonly streams: number;
  /** How many of these, the first, never read. */
  readonly slow: number;
}

/** How it fares, since it began. */
export interface CrowdReport {
  /** Streams that are open now. */
  readonly open: number;
  readonly bytes: number;
  /** How often a client was not let in, or lost its connection: by status, `ended`, or `none` without an answer. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Of 429 and 503, those without both `Retry-After` and `retry_after_ms`. */
  readonly withoutRetryAfter: number;
}
