import type { UserEvent } from '#domain/events';
import type { SeededRandom } from '#runtime/clock/seeded-random';
import type { Actor } from './actor.ts';
import type { Duration } from './durations.ts';
import { draw, drawRest, MINUTE, SECOND } from './durations.ts';

const LULL: Duration = { medianMs: 2 * MINUTE, spread: 2.5 };
const REPLY: Duration = { medianMs: 14 * SECOND, spread: 2.5 };
const MESSAGES_MEAN = 20;
/** More do not talk with each other at once: who has been silent longest drops out when another joins in. */
const SPEAKERS_MAX = 4;
const JOINS_IN_PROBABILITY = 0.15;
const GOES_ON_PROBABILITY = 0.35;
/** How many members are looked at for one who would speak, so that a large silent room costs no more than a small one. */
const LOOKED_AT_MAX = 12;

/** What a conversation needs of a room's member. */
export interface Speaker {
  readonly isReachable: boolean;
  readonly habits: { readonly talkative: number };
  speak(at: number): UserEvent[];
}

/** The talk in one room: bursts of messages between a few, and lulls. */
export class Conversation implements Actor {
  deadlineAt = Infinity;
  nextAt: number;
  /** The latest first. */
  private speakers: Speaker[] = [];

  constructor(
    private readonly members: readonly Speaker[],
    private readonly random: SeededRandom,
    startAt: number,
  ) {
    this.nextAt = startAt + drawRest(random, LULL);
  }

  act(at: number): UserEvent[] {
    const { random } = this;
    const speaker = this.nextSpeaker();
    const ends = speaker === undefined || random.chance(1 / MESSAGES_MEAN);
    this.nextAt = at + draw(random, ends ? LULL : REPLY);
    if (speaker === undefined) return [];
    const others = this.speakers.filter((other) => other !== speaker);
    this.speakers = ends ? [] : [speaker, ...others].slice(0, SPEAKERS_MAX);
    return speaker.speak(at);
  }

  private nextSpeaker(): Speaker | undefined {
    const { random } = this;
    const [latest, ...others] = this.speakers.filter((speaker) => speaker.isReachable);
    const newcomer = others.length === 0 || random.chance(JOINS_IN_PROBABILITY) ? this.newcomer() : undefined;
    if (newcomer !== undefined) return newcomer;
    return others.length === 0 || random.chance(GOES_ON_PROBABILITY) ? latest : random.pick(others);
  }

  private newcomer(): Speaker | undefined {
    for (let i = 0; i < LOOKED_AT_MAX; i++) {
      const member = this.random.pick(this.members);
      if (member.isReachable && this.random.chance(member.habits.talkative)) return member;
    }
    return undefined;
  }
}
