import type { Clock } from '../src/clock.ts';
import { MovableClock } from '../../../test/support/movable-clock.ts';

/** A clock that a test moves, whose dice always fall the same. */
export class ClientClock extends MovableClock implements Clock {
  random(): number {
    return 0.5;
  }
}
