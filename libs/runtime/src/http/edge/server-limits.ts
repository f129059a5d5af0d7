export const HEADER_BYTES_MAX = 16 * 1024;
/** Ids have at most 255 bytes, each of which a path may write as three characters. */
export const PATH_PART_LENGTH_MAX = 1_024;

/** How long the server waits for clients, milliseconds. */
export interface ServerTimeouts {
  /** For all headers of a request; also for the first byte on a new connection. */
  readonly headersMs: number;
  /** For the whole request. A body of 8 MiB needs 2.3 Mbit/s. */
  readonly requestMs: number;
  /** Longer than proxies keep a connection (a minute, most of them): else they send on one that is being closed. */
  readonly keepAliveMs: number;
  /**
   * Nothing comes or goes: then the client does not read its answer. Longer than anything is quiet by itself: long polls
   * are for a minute, streams a quarter.
   */
  readonly stalledMs: number;
  /** How often the first two are looked at. */
  readonly checkEveryMs: number;
}

export const SERVER_TIMEOUTS: ServerTimeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 72_000,
  stalledMs: 120_000,
  checkEveryMs: 1_000,
};

/** Fastify's options for them. */
export function serverLimits({ headersMs, requestMs, keepAliveMs, stalledMs, checkEveryMs }: ServerTimeouts) {
  return {
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkEveryMs,
      requireHostHeader: false, // `requireSound` does, and says so
    },
    requestTimeout: requestMs, // Fastify's own default is none at all
    keepAliveTimeout: keepAliveMs,
    connectionTimeout: stalledMs,
  };
}
