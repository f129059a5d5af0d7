import type { Cancel } from '../clock/clock.ts';
import { forbidden, missingToken } from '../http/matrix-error.ts';
import type { Authenticator, Caller } from './authenticator.ts';
import { RefusedToken } from './refused-token.ts';
import { UpstreamTokens } from './upstream-tokens.ts';

// The name has no colon: else a token of many takes a time that grows with their square.
const USER_TOKEN = /^(@[^/\s:]+:[^/\s]+)(?:\/(\S+))?$/;
const DEV_UPSTREAM_TOKEN = 'dev-upstream';

/** For trying things out on one machine: whoever says who they are is believed. */
export class DevAuthenticator implements Authenticator {
  private readonly upstreamTokens: UpstreamTokens;

  constructor(upstreamTokens: readonly string[] = []) {
    this.upstreamTokens = new UpstreamTokens([DEV_UPSTREAM_TOKEN, ...upstreamTokens]);
  }

  async user(token: string | null): Promise<Caller> {
    if (token === null) throw missingToken();
    const match = USER_TOKEN.exec(token);
    const userId = match?.[1];
    if (userId !== undefined) return { userId, deviceId: match?.[2] ?? null };
    if (this.upstreamTokens.has(token)) throw forbidden('This is an upstream service’s token. This needs a user’s.');
    throw RefusedToken.unknown('In dev mode a user’s token is @user:server/DEVICE.');
  }

  async upstream(token: string | null): Promise<void> {
    this.upstreamTokens.require(token, 'This needs an upstream service’s token (in dev mode: dev-upstream).');
  }

  /** Its tokens are good for ever. */
  whenRefused(): Cancel {
    return () => undefined;
  }
}
