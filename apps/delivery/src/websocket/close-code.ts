/** The server restarts: come back, here or at another node (RFC 6455's registry, as all below 4000). */
export const RESTARTS = 1012;
const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;
/** Codes from here to 4999 are an application's own. */
const OWN_CODES = 4_000;

/** With which code a WebSocket is closed after an error of this HTTP status: 4401 for 401, and so on. */
export function closeCodeOf(status: number): number {
  if (status === 503) return TRY_AGAIN_LATER;
  return status >= 500 ? INTERNAL_ERROR : OWN_CODES + status;
}
