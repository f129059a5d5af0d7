import type { UserEvent } from '#domain/events';
import type { SeededRandom } from '#runtime/clock/seeded-random';
import type { Actor } from './actor.ts';
import type { Agenda } from './agenda.ts';
import type { Duration } from './durations.ts';
import { draw, MINUTE } from './durations.ts';

/** What people are connected to; each is lost now and then. */
export const SERVERS = ['oak', 'birch', 'maple', 'willow'] as const;

/** Soon enough that whoever tries the demo sees one. */
const FIRST: Duration = { medianMs: 4 * MINUTE, spread: 1.2 };
const BETWEEN: Duration = { medianMs: 25 * MINUTE, spread: 1.5 };
const OUTAGE: Duration = { medianMs: 3 * MINUTE, spread: 1.3 };

/** What a netsplit needs to know of a device. */
export interface Connected extends Actor {
  readonly server: string;
  readonly isConnected: boolean;
  cut(backAt: number): UserEvent;
}

/** Netsplits: all whose connections go over one server are cut at one instant, and are back within minutes. */
export class Netsplits implements Actor {
  deadlineAt = Infinity;
  nextAt: number;

  constructor(
    private readonly devices: readonly Connected[],
    private readonly agenda: Agenda,
    private readonly random: SeededRandom,
    startAt: number,
  ) {
    this.nextAt = startAt + draw(random, FIRST);
  }

  act(at: number): UserEvent[] {
    const { random } = this;
    const lost = random.pick(SERVERS);
    const outageMs = draw(random, OUTAGE);
    this.nextAt = at + draw(random, BETWEEN);
    return this.devices
      .filter((device) => device.isConnected && device.server === lost)
      .map((device) => {
        // Each client tries again at its own pace.
        const event = device.cut(at + Math.round(outageMs * (0.8 + 0.4 * random.next())));
        this.agenda.plan(device);
        return event;
      });
  }
}
