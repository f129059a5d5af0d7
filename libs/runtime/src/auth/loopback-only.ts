import { forbidden } from '../http/matrix-error.ts';
import { isLoopback } from './loopback.ts';

/**
 * In dev mode anybody is believed, so only this machine may ask. Refuses requests that a browser was tricked into: a
 * foreign page's, or one for a name that was pointed at this machine.
 */
export function refuseForeign(headers: { host?: string | undefined; origin?: string | undefined }): void {
  const { host, origin } = headers;
  if (host !== undefined && !isLoopback(host.replace(/:\d+$/, ''))) {
    throw forbidden('In dev mode the Host header must name this machine (localhost).');
  }
  if (origin !== undefined && !isLoopback(hostOf(origin))) {
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
