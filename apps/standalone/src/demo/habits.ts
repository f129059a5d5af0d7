import type { Duration } from './durations.ts';
import { HOUR, MINUTE } from './durations.ts';

/** How somebody uses the chat. */
export interface Habits {
  /** How long a device stays connected, and how long it is away in between. */
  readonly session: Duration;
  readonly gap: Duration;
  /** How long they have been quiet when one looks in. */
  readonly quiet: Duration;
  /** Probability that they answer when a conversation begins or wants another voice. */
  readonly talkative: number;
}

/** Connected for hours, and idle nearly all the time: the majority of any channel. */
const lurker: Habits = {
  session: { medianMs: 4 * HOUR, spread: 2 },
  gap: { medianMs: HOUR, spread: 3 },
  quiet: { medianMs: 25 * MINUTE, spread: 4 },
  talkative: 0.1,
};

/** Comes to talk. */
const regular: Habits = {
  session: { medianMs: 70 * MINUTE, spread: 3 },
  gap: { medianMs: 45 * MINUTE, spread: 4 },
  quiet: { medianMs: 4 * MINUTE, spread: 3 },
  talkative: 0.8,
};

/** On a bad network, or looking in for a moment; some of the gaps are so short that nobody sees them. */
const restless: Habits = {
  session: { medianMs: 6 * MINUTE, spread: 3 },
  gap: { medianMs: 3 * MINUTE, spread: 4 },
  quiet: { medianMs: 2 * MINUTE, spread: 2 },
  talkative: 0.3,
};

/** All kinds of people, each as frequent as its weight. */
export const HABITS: readonly (readonly [weight: number, habits: Habits])[] = [
  [45, lurker],
  [42, regular],
  [13, restless],
];

/** What people say when they go, and how long they stay away. */
export interface Absence {
  readonly message: string;
  readonly duration: Duration;
}

const absence = (message: string, medianMs: number): Absence => ({ message, duration: { medianMs, spread: 1.8 } });

export const ABSENCES: readonly (readonly [weight: number, absence: Absence])[] = [
  [6, absence('away', 25 * MINUTE)],
  [5, absence('afk', 12 * MINUTE)],
  [4, absence('brb', 4 * MINUTE)],
  [3, absence('lunch', 35 * MINUTE)],
  [3, absence('in a meeting', 40 * MINUTE)],
  [3, absence('coffee', 8 * MINUTE)],
  [1, absence('dinner', 45 * MINUTE)],
  [1, absence('asleep', 7 * HOUR)],
];

/** What some show while they are there. */
export const MOTTOS: readonly string[] = [
  'on call today',
  'reviewing, poke me',
  'thesis week',
  'ask me about tomatoes',
  'listening to the rain',
  'travelling, answers are slow',
  'new here',
  'headphones on',
];

/** How long people who announce their absences stay before the next. */
export const BETWEEN_ABSENCES: Duration = { medianMs: 40 * MINUTE, spread: 2.5 };
