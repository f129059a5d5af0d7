import type { Position, Tie } from './state.ts';

/**
 * A tie that stands, for the first time, and was neither invited nor answered: a membership as most are. Users have many of
 * these; written out they would take four times the memory.
 */
class FirstMembership implements Tie {
  readonly #offset: number;
  readonly #step: number;

  constructor(since: Position) {
    this.#offset = since.offset;
    this.#step = since.step;
  }

  get since(): Position {
    return { offset: this.#offset, step: this.#step };
  }
  get until(): null {
    return null;
  }
  get earlier(): null {
    return null;
  }
  get untilTs(): null {
    return null;
  }
  get invitation(): null {
    return null;
  }
  get denied(): null {
    return null;
  }
}

/** A membership that began there, and has not ended. */
export const firstMembership = (since: Position): Tie => new FirstMembership(since);

/** Whether the tie is one that `firstMembership` makes. */
export const isFirstMembership = (tie: object): boolean => tie instanceof FirstMembership;

/** A tie, in the form that takes the least memory. */
export function tieOf(tie: Tie): Tie {
  const { since, until, earlier, untilTs, invitation, denied } = tie;
  const isPlain = until === null && earlier === null && untilTs === null && invitation === null && denied === null;
  return isPlain ? firstMembership(since) : tie;
}
