import type { UserPresence } from './user-presence.ts';

/** What `watch` tells. The roster is already as the change says. */
export type Change =
  /** The server answers. What was missed comes next. */
  | { readonly type: 'connected' }
  /** The connection is gone, or could not be made; in `retryMs` milliseconds it is tried again. */
  | { readonly type: 'disconnected'; readonly retryMs: number; readonly error: Error | null }
  /** What is so now of a user, oneself included. */
  | { readonly type: 'presence'; readonly user: UserPresence }
  /** The user is no longer to be seen, and not in the roster. */
  | { readonly type: 'forget'; readonly userId: string }
  /** The roster is empty: it could not be gone on from where the client was. A snapshot follows. */
  | { readonly type: 'reset'; readonly reason: string }
  /** The roster is whole: the snapshot has come to its end. */
  | { readonly type: 'ready' }
  /** Whether a room conveys presence: not when it has become too large. */
  | { readonly type: 'room'; readonly roomId: string; readonly conveysPresence: boolean }
  /** Of presence lists: `owner` asks to follow `observed`, who accepts or denies. */
  | { readonly type: 'invite' | 'accept' | 'deny'; readonly owner: string; readonly observed: string };
