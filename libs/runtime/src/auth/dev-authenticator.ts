import { createHash, timingSafeEqual } from 'node:crypto';
import { forbidden, missingToken, unknownToken } from '../http/matrix-error.ts';
import type { Authenticator, Caller } from './authenticator.ts';

const USER_TOKEN = /^(@[^/\s]+:[^/\s]+)(?:\/(\S+))?$/;
const DEV_UPSTREAM_TOKEN = 'dev-upstream';

/** For trying things out on one machine: whoever says who they are is believed. */
export class DevAuthenticator implements Authenticator {
  private readonly upstreamTokens: readonly string[];

  constructor(upstreamTokens: readonly string[] = []) {
    this.upstreamTokens = [DEV_UPSTREAM_TOKEN, ...upstreamTokens];
  }

  user(token: string | null): Promise<Caller> {
    if (token === null) return Promise.reject(missingToken());
    const match = USER_TOKEN.exec(token);
    const userId = match?.[1];
    if (userId !== undefined) return Promise.resolve({ userId, deviceId: match?.[2] ?? null });
    return Promise.reject(unknownToken('In dev mode a user’s token is @user:server/DEVICE.'));
  }

  upstream(token: string | null): Promise<void> {
    if (token === null) return Promise.reject(missingToken());
    if (this.upstreamTokens.some((known) => isSame(known, token))) return Promise.resolve();
    return Promise.reject(forbidden('This needs an upstream service’s token (in dev mode: dev-upstream).'));
  }
}

/** Compares in constant time, so that an answer's delay tells nothing of the token. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
