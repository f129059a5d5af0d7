/** Another owner has taken the partition over: stop working on it. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** The log cannot be reached or written now: try again later. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}

/** The log cannot be used as it is; the message says how to mend it. */
export class LogConfigError extends Error {
  override readonly name = 'LogConfigError';
}
