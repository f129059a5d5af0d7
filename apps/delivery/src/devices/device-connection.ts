import type { Declared } from '#domain/state';

/** What a client asks for with `set_presence`; undefined: it says nothing of its user. */
export type SetPresence = 'offline' | Declared | undefined;

/** An open stream of a client: as long as it is open, the client's device is connected. */
export interface DeviceConnection {
  /** The user has done something: typed, clicked, sent. Thinned before it is written. */
  active(): void;
  /** The client says that its user is idle, or back. */
  says(presence: Declared): void;
  /** The client is gone. To be called once it is; a second call does nothing. */
  close(): void;
}

/** Of a client that wants to be seen by nobody (`set_presence=offline`). */
export const NO_CONNECTION: DeviceConnection = { active() {}, says() {}, close() {} };
