import type { Cancel, Clock } from './clock.ts';

/** The machine's clock: the only place of this package that reads one, sets a timer or rolls dice. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void): Cancel {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
