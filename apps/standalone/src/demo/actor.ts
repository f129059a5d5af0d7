import type { Due } from '#domain/deadlines';
import type { UserEvent } from '#domain/events';

/** Somebody or something of the crowd that acts at times of its own. Times are milliseconds of the crowd's clock. */
export interface Actor extends Due {
  /** When it acts next; Infinity: not by itself. */
  readonly nextAt: number;
  /** Acts, and moves `nextAt` on to a later time. Returns what an upstream service tells of it, still without `ts`. */
  act(at: number): readonly UserEvent[];
}
