import type { Clock } from '#runtime/clock/clock';
import { callAt } from '#runtime/clock/clock';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

const DAY_MS = 86_400_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

let clock: MovableClock;
let longestMs: number;
let called: number;
beforeEach(() => {
  clock = new MovableClock();
  longestMs = called = 0;
});

/** The clock, which notes how long the timers are. */
const noted = (): Clock => ({
  now: () => clock.now(),
  elapsed: () => clock.elapsed(),
  after: (ms, run) => {
    longestMs = Math.max(longestMs, ms);
    return clock.after(ms, run);
  },
});

test.each([1, 24 * DAY_MS, 25 * DAY_MS, 400 * DAY_MS])('it is called after %d ms, and once', (ms) => {
  callAt(noted(), clock.now() + ms, () => called++);
  clock.move(ms - 1);
  expect(called).toBe(0);
  clock.move(1);
  expect(called).toBe(1);
  clock.move(400 * DAY_MS);
  expect(called).toBe(1);
  expect(longestMs).toBeLessThanOrEqual(TIMER_MS_MAX);
});

test('what is past is not called at once, but as soon as may be', () => {
  callAt(noted(), clock.now() - 1, () => called++);
  expect(called).toBe(0);
  clock.move(0);
  expect(called).toBe(1);
});

test.each([0, 30 * DAY_MS])('what is cancelled after %d ms is not called', (ms) => {
  const cancel = callAt(noted(), clock.now() + 60 * DAY_MS, () => called++);
  clock.move(ms);
  cancel();
  clock.move(400 * DAY_MS);
  expect(called).toBe(0);
});
