import type { SeededRandom } from '#runtime/clock/seeded-random';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Half are longer than the median; two of three lie between median / spread and median * spread. */
export interface Duration {
  readonly medianMs: number;
  readonly spread: number;
}

/**
 * Draws a duration, whole milliseconds. It is about log-normal, as sessions, pauses and replies of people are: most near the
 * median, a few many times as long. It never goes beyond median * spread ** 3.
 */
export function draw(random: SeededRandom, { medianMs, spread }: Duration): number {
  // Three dice, centred and stretched, are normal enough: mean 0, deviation 1, and never beyond 3.
  const normal = 2 * (random.next() + random.next() + random.next() - 1.5);
  return Math.max(1, Math.round(medianMs * spread ** normal));
}

/** What is left of something that began before one looked. */
export function drawRest(random: SeededRandom, duration: Duration): number {
  return Math.max(1, Math.round(draw(random, duration) * random.next()));
}
