import type { MessageLog } from '#message-log/message-log';

/** A log to be held to the contract, and what a test can do to it from outside. */
export interface LogUnderTest {
  readonly log: MessageLog;
  /** Moves the clock that stamps records; null where it cannot be moved. */
  readonly moveClock: ((ms: number) => void) | null;
  /** Forgets what compaction of `state` may forget. */
  compact(): Promise<void>;
  /** Closes the log and opens it again, as a restart does; null where nothing outlives the process. */
  readonly reopen: (() => Promise<MessageLog>) | null;
  /** Closes it and removes all that it has left. */
  dispose(): Promise<void>;
}

export interface LogWanted {
  readonly partitionCount?: number;
  readonly kind?: 'live' | 'archive';
}

/** Makes an empty log. */
export type OpenLog = (wanted?: LogWanted) => Promise<LogUnderTest>;
