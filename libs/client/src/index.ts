export type { Change } from './change.ts';
export type { CallOptions, PresenceClient } from './client.ts';
export { connect } from './client.ts';
export type { Cancel, Clock } from './clock.ts';
export type { ConnectOptions, Presence } from './options.ts';
export { RequestError } from './request-error.ts';
export type { UserPresence } from './user-presence.ts';
