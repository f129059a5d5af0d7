import type { MPresenceEvent } from '#domain/m-presence';
import { freshId } from '#runtime/clock/chance';
import type { EventWriter } from '#service/writing/event-writer';
import type { Delivery } from '../delivery.ts';
import { Turns } from '../turns.ts';
import { followedBy, invitationsOf } from './invitations.ts';
import type { Invitations, ListChange } from './list.schemas.ts';
import { listFacts } from './list-facts.ts';

/** Presence lists, as their owners and those who are on them change and read them. */
export class PresenceLists {
  private readonly turns = new Turns();

  constructor(
    private readonly delivery: Delivery,
    private readonly writer: EventWriter,
  ) {}

  /**
   * Changes the user's list and its answers: all of it, or nothing. It decides by what the log has now, one change of a user
   * after another: else an invitation that was asked for twice would be made twice, and a denial could miss what it denies.
   * Resolves when it is durable; this node then shows it, unless it is far behind. Throws 400, 403, 429, 503.
   */
  async change(userId: string, change: ListChange): Promise<void> {
    await this.turns.take(userId, async () => {
      const presence = await this.delivery.upToDate([userId, ...Object.values(change).flat()]);
      const facts = listFacts(presence, userId, change, freshId);
      if (facts.length > 0) await this.delivery.applied(await this.writer.append(facts));
    });
  }

  followed(userId: string, now: number): MPresenceEvent[] {
    return followedBy(this.delivery.current(), userId, now);
  }

  invitations(userId: string): Invitations {
    return invitationsOf(this.delivery.current(), userId);
  }
}
