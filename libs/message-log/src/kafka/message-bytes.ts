import type { Message } from 'kafkajs';

const OVERHEAD_BYTES = 70;

/** About how many bytes a message takes in a batch; never fewer than it does. */
export function messageBytes({ key, value }: Message): number {
  return OVERHEAD_BYTES + lengthOf(key ?? null) + lengthOf(value);
}

function lengthOf(part: string | Buffer | null): number {
  return part === null ? 0 : Buffer.byteLength(part);
}
