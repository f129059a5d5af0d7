import { z } from 'zod';
import type { Clock } from '../clock/clock.ts';
import { forbidden, MatrixError, unavailable } from '../http/matrix-error.ts';
import type { Log } from '../log.ts';
import type { Caller } from './authenticator.ts';
import type { JsonAnswer } from './fetch-json.ts';
import { fetchJson } from './fetch-json.ts';
import { Outage } from './outage.ts';
import { Permits } from './permits.ts';
import { RefusedToken } from './refused-token.ts';
import { isDeviceId, isUserId } from './user-id.ts';

const TIMEOUT_MS = 5_000;
const REQUESTS_MAX = 64;
const WAITING_MAX = 1_000;
const RETRY_AFTER_MS = 2_000;
const RETRY_AFTER_MS_MAX = 60_000;

const answer = z.object({
  user_id: z.custom<string>(isUserId),
  device_id: z.custom<string>(isDeviceId).nullish(), // an application service's token has none
});
const refusal = z.object({
  errcode: z.enum(['M_UNKNOWN_TOKEN', 'M_USER_LOCKED']),
  soft_logout: z.unknown().optional(),
});

/** Asks a homeserver whose a token is: `/account/whoami` of the Matrix client-server API. */
export class Whoami {
  private readonly url: string;
  private readonly outage: Outage;
  private readonly permits = new Permits(REQUESTS_MAX, WAITING_MAX);

  constructor(
    homeserverUrl: string,
    private readonly clock: Clock,
    log: Log,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {
    this.url = `${homeserverUrl}/_matrix/client/v3/account/whoami`;
    this.outage = new Outage(log, 'auth.homeserver', { url: this.url });
  }

  /** Resolves with the caller, or with the error to be told (401, 403). Rejects with 503 when the homeserver gives no answer. */
  async ask(token: string): Promise<Caller | MatrixError> {
    const giveUp = new AbortController();
    const cancel = this.clock.after(this.timeoutMs, () => giveUp.abort());
    let giveBack = (): void => undefined;
    try {
      giveBack = await this.permits.take(giveUp.signal);
      const told = read(await fetchJson(this.url, { authorization: `Bearer ${token}` }, giveUp.signal));
      this.outage.succeeded();
      return told;
    } catch (error) {
      if (error instanceof MatrixError) throw error;
      this.outage.failed(error);
      throw unavailable('The homeserver, which knows the tokens, does not answer. Try again.', RETRY_AFTER_MS);
    } finally {
      cancel();
      giveBack();
    }
  }
}

function read({ status, body, retryAfterS }: JsonAnswer): Caller | MatrixError {
  if (status === 401) {
    // A proxy in front can say 401, too; who is told of an unknown token throws away its keys.
    const { data: refused } = refusal.safeParse(body);
    if (refused === undefined) throw new Error('it answers 401, and not that it does not know the token');
    // The homeserver says whether the client may get a new token and go on as the same device.
    if (refused.soft_logout !== true) return RefusedToken.unknown('The homeserver does not know this token.');
    const fields = { soft_logout: true };
    return new MatrixError(401, 'M_UNKNOWN_TOKEN', 'The homeserver no longer takes this token.', { fields });
  }
  if (status === 403) return forbidden('The homeserver forbids the owner of this token to use it.');
  if (status === 429) {
    const waitMs = retryAfterS === null ? RETRY_AFTER_MS : Math.min(retryAfterS * 1_000, RETRY_AFTER_MS_MAX);
    throw unavailable('The homeserver, which knows the tokens, is asked too often. Try again later.', waitMs);
  }
  if (status !== 200) throw new Error(`it answers ${status}`);
  const { data } = answer.safeParse(body);
  if (data === undefined) throw new Error('its answer names no user and device');
  return { userId: data.user_id, deviceId: data.device_id ?? null };
}
