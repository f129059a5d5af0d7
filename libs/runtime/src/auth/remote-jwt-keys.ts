import type { JWTVerifyGetKey, RemoteJWKSet } from 'jose';
import { createRemoteJWKSet, customFetch, errors } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock/clock.ts';
import { unavailable } from '../http/matrix-error.ts';
import type { Log } from '../log.ts';
import { fetchJson } from './fetch-json.ts';
import { PUBLIC_KEY_ALGORITHMS } from './jwt-algorithms.ts';
import type { JwtKeys } from './jwt-keys.ts';
import { Outage } from './outage.ts';

const TIMEOUT_MS = 5_000;
/** After a fetch, a token with an unknown `kid` makes no other one for so long: anybody can make such tokens. */
const COOL_DOWN_MS = 10_000;
/** After a fetch that failed, none is tried for so long. */
const RETRY_MS = 1_000;
/** Keys older than this are fetched again, meanwhile they are used: so that a key that was taken back is forgotten. */
const REFRESH_MS = 600_000;
/** Keys older than this are not used: an issuer that cannot be reached keeps nobody out before. */
const STALE_MS = 3_600_000;

const jwks = z.looseObject({ keys: z.array(z.looseObject({})) });

/** The keys that the issuer of the tokens publishes at a URL. They are fetched when the first token comes. */
export class RemoteJwtKeys implements JwtKeys {
  readonly algorithms = PUBLIC_KEY_ALGORITHMS;
  private readonly set: RemoteJWKSet;
  private readonly outage: Outage;
  private fetchedAt: number | null = null;
  private failedAt: number | null = null;

  constructor(
    url: string,
    private readonly clock: Clock,
    log: Log,
  ) {
    const { origin, pathname } = new URL(url);
    this.outage = new Outage(log, 'auth.jwks', { url: origin + pathname }); // what comes after may be a secret
    this.set = createRemoteJWKSet(new URL(url), {
      timeoutDuration: TIMEOUT_MS,
      // jose's own are by its clock, and the second makes callers wait, or fail.
      cooldownDuration: 0,
      cacheMaxAge: Infinity,
      [customFetch]: (_url, { headers, signal }) => this.fetch(url, headers, signal),
    });
  }

  readonly key: JWTVerifyGetKey = async (header, token) => {
    try {
      await this.refresh();
      return await this.set(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      this.outage.failed(error);
      throw unavailable('The keys with which tokens are checked cannot be had now. Try again.', RETRY_MS);
    }
  };

  private async refresh(): Promise<void> {
    if (this.fetchedAt === null) return;
    const ageMs = this.clock.elapsed() - this.fetchedAt;
    if (ageMs < REFRESH_MS) return;
    const fetched = this.set.reload(); // one at a time, however often it is called
    if (ageMs >= STALE_MS) await fetched;
    else fetched.catch(() => undefined); // it is logged
  }

  private async fetch(url: string, headers: Headers, signal: AbortSignal): Promise<Response> {
    if (this.isWithin(RETRY_MS, this.failedAt)) throw new Error('it was tried a moment ago');
    if (this.isWithin(COOL_DOWN_MS, this.fetchedAt)) throw new errors.JWKSNoMatchingKey();
    try {
      const { status, body } = await fetchJson(url, headers, signal);
      if (status !== 200) throw new Error(`it answers ${status}`);
      if (!jwks.safeParse(body).success) throw new Error('the answer is no JWKS');
      this.fetchedAt = this.clock.elapsed();
      this.failedAt = null;
      this.outage.succeeded();
      return Response.json(body);
    } catch (error) {
      this.failedAt = this.clock.elapsed();
      this.outage.failed(error);
      throw error;
    }
  }

  private isWithin(ms: number, at: number | null): boolean {
    return at !== null && this.clock.elapsed() - at < ms;
  }
}
