const encoder = new TextEncoder();
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * The partition of a key: murmur2 over its UTF-8 bytes, as the Java client and kafkajs do it. librdkafka clients need
 * `partitioner=murmur2_random` to agree.
 */
export function partitionOf(key: string, partitionCount: number): number {
  if (partitionCount === 1) return 0;
  return (murmur2(encoder.encode(key)) & 0x7fffffff) % partitionCount;
}

function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(view.getInt32(i, true), M);
    k ^= k >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(k, M);
  }
  for (let i = length - 1; i >= whole; i--) hash ^= (bytes[i] ?? 0) << (8 * (i - whole));
  if (length > whole) hash = Math.imul(hash, M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}
