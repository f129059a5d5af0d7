import { ConfigError } from '../config.ts';
import { forbidden } from '../http/matrix-error.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** In dev mode anybody is believed, so only this machine may ask. */
export function requireLoopback(host: string): void {
  if (LOOPBACK.test(host)) return;
  throw new ConfigError(
    `The configuration cannot be used:\n  - PRESENTLY_AUTH=dev believes everybody, so it listens on loopback only, not on ${host}.`,
  );
}

/** Refuses requests that a browser was tricked into: a foreign page's, or one for a name that was pointed at this machine. */
export function refuseForeign(headers: { host?: string | undefined; origin?: string | undefined }): void {
  const { host, origin } = headers;
  if (host !== undefined && !LOOPBACK.test(host.replace(/:\d+$/, ''))) {
    throw forbidden('In dev mode the Host header must name this machine (localhost).');
  }
  if (origin !== undefined && !LOOPBACK.test(hostOf(origin))) {
    throw forbidden('In dev mode only pages of this machine may call.');
  }
}

function hostOf(origin: string): string {
  try {
    return new URL(origin).hostname;
  } catch {
    return origin;
  }
}
