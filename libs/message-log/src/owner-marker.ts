import type { OwnerRecord } from '#domain/state-records';
import { ownerKey } from '#domain/state-records';

/** One ownership marker for each transactional id of a partition (Kafka has two, used in turn). */
export const OWNER_SLOTS = [0, 1] as const;

/** The record that a new owner writes first: it fences the old one, and gives the restore a certain end. */
export function ownerRecord(slot: number, ownerId: string): { topic: 'state'; key: string; value: string } {
  const value: OwnerRecord = { kind: 'owner', slot, owner_id: ownerId };
  return { topic: 'state', key: ownerKey(slot), value: JSON.stringify(value) };
}
