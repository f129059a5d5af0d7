import { forbidden } from '../http/matrix-error.ts';
import { isLoopback } from './loopback.ts';

/** The headers of a request, or of a WebSocket's upgrade, that tell whence it comes. */
interface Whence {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/**
 * The check of whence a request may come; it throws a `MatrixError` (403). Only in dev mode there is one. Every request
 * goes through it, and what does not come by a route, such as a WebSocket's upgrade, has to be put through it as well.
 */
export function foreignCheck({ PRESENTLY_AUTH: auth }: { readonly PRESENTLY_AUTH: string }): (whence: Whence) => void {
  return auth === 'dev' ? refuseForeign : () => undefined;
}

/**
 * In dev mode anybody is believed, so only this machine may ask. Refuses requests that a browser was tricked into: a
 * foreign page's, or one for a name that was pointed at this machine.
 */
export function refuseForeign({ host, origin }: Whence): void {
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
