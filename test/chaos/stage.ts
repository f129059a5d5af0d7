import type { MessageLog } from '#message-log/message-log';
import { LIVE_SETTINGS } from '../support/live-load.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { Slot, SlotWatch } from './slot.ts';

/** Gateways and nodes that are silent for this long have their connections ended. */
export const SOURCE_TTL_MS = 3_000;
export const TOKEN_KEY = '07'.repeat(32);

export const SETTINGS = {
  ...LIVE_SETTINGS,
  PRESENTLY_SOURCE_TTL_MS: String(SOURCE_TTL_MS),
  PRESENTLY_TOKEN_KEY: TOKEN_KEY,
};

/** A log, the processes on it, and what can be done to what is below it. */
export interface Stage {
  readonly slots: readonly Slot[];
  /** By weight: of which app a process is taken for a fault. */
  readonly apps: readonly (readonly [weight: number, app: string])[];
  /** Of these faults, so many for each kill. */
  readonly others: Readonly<Partial<Record<FaultKind, number>>>;
  /** Addresses that take events, and that serve clients. */
  readonly ingest: readonly string[];
  readonly delivery: readonly string[];
  /** Makes the log and starts the processes. */
  start(watch: SlotWatch): Promise<void>;
  /** Reads the log beside the processes. */
  read<Result>(use: (log: MessageLog) => Promise<Result>): Promise<Result>;
  /** Resolves when a process can be started again. */
  startable(): Promise<void>;
  /** A fault of what is below the log. Resolves when it is over. */
  disturb(fault: Fault): Promise<void>;
  /** Runs `presently verify` on the log, and on what each node shows. Rejects when they differ. */
  verify(): Promise<string>;
  dispose(): Promise<void>;
}
