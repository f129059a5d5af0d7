import { Deadlines } from '#domain/deadlines';
import type { Actor } from './actor.ts';

/** Whose turn is next. */
export class Agenda {
  private readonly turns = new Deadlines<Actor>();

  /** Must be called whenever an actor's `nextAt` has changed. */
  plan(actor: Actor): void {
    this.turns.schedule(actor, actor.nextAt);
  }

  /** Time of the next turn, or a little before: an actor may have put it off since. */
  nextAt(): number {
    return this.turns.peek();
  }

  /** Takes the actor whose turn is next, if it is at `until` or before. */
  take(until: number): Actor | null {
    for (let at = this.turns.peek(); at <= until; at = this.turns.peek()) {
      const actor = this.turns.take();
      if (actor === null) continue;
      if (actor.nextAt <= at) return actor;
      this.plan(actor);
    }
    return null;
  }
}
