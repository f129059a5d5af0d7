import { z } from 'zod';

/** The times, in milliseconds, by which presence is judged. They are in the log itself (semantics, section 2). */
export interface Policy {
  /** A device not active for this long counts as idle. */
  readonly idleAfterMs: number;
  /** How long after activity a user is `currently_active`; less than `idleAfterMs`. */
  readonly activeForMs: number;
  /** How long a device stays after it was last connected; more than 0. */
  readonly offlineAfterMs: number;
  /** First lease of a source that a connection names and that has none running. */
  readonly sourceTtlMs: number;
  /** An open connection that no source vouches for ends if its device is not heard of for this long; 0: never. */
  readonly unheardForMs: number;
}

/** What replays and archives start from. */
export const ARCHIVE_POLICY: Policy = {
  idleAfterMs: 300_000,
  activeForMs: 60_000,
  offlineAfterMs: 30_000,
  sourceTtlMs: 30_000,
  unheardForMs: 0,
};

/** What a live log starts from. */
export const LIVE_POLICY: Policy = { ...ARCHIVE_POLICY, unheardForMs: 86_400_000 };

const ms = z.int().nonnegative();

/** The fields of `policy.set`: any of the names, null as if absent. */
export const policyFields = {
  idleAfterMs: ms.nullish(),
  activeForMs: ms.nullish(),
  offlineAfterMs: z.int().positive().nullish(),
  sourceTtlMs: ms.nullish(),
  unheardForMs: ms.nullish(),
};

export type PolicyChange = { readonly [Name in keyof Policy]?: number | null | undefined };

/** The policy after a change, or a sentence that says why the two do not go together. */
export function changePolicy(policy: Policy, change: PolicyChange): Policy | string {
  const next: Policy = {
    idleAfterMs: change.idleAfterMs ?? policy.idleAfterMs,
    activeForMs: change.activeForMs ?? policy.activeForMs,
    offlineAfterMs: change.offlineAfterMs ?? policy.offlineAfterMs,
    sourceTtlMs: change.sourceTtlMs ?? policy.sourceTtlMs,
    unheardForMs: change.unheardForMs ?? policy.unheardForMs,
  };
  if (next.activeForMs < next.idleAfterMs) return next;
  return `activeForMs (${next.activeForMs}) must be less than idleAfterMs (${next.idleAfterMs})`;
}
