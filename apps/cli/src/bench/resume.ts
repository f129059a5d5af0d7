import { Connection } from '#delivery/connection';
import type { Frame } from '#delivery/frame';
import { frameText } from '#delivery/shared-event';
import type { Place } from '#delivery/place';
import { ResumeTokens } from '#delivery/resume-token';
import { systemClock } from '#runtime/clock/system-clock';
import { SeededRandom } from '#runtime/clock/seeded-random';
import type { Benchmark, BenchmarkContext, BenchmarkResult } from './benchmark.ts';
import { FoldedState } from './folded-state.ts';
import { atMost, Measured, median, timeMs } from './measure.ts';
import { Population } from './population.ts';

const POPULATIONS = [10_000, 100_000, 1_000_000];
const POPULATIONS_QUICK = [1_000, 2_000];
const WATCHED = [10, 100, 1_000, 10_000];
const WATCHED_QUICK = [10, 100];
const ROOM_MEMBERS = 1_000;
/** Watchers of as many users each. */
const WATCHERS = 20;
const CHANGED_EVERY = 100;
const MS_MAX = 1;

const count = (number: number): string => number.toLocaleString('en');
const resumed = (watched: number, users: number): string => `resume: watches ${count(watched)} of ${count(users)}`;
const snapshot = (watched: number, users: number): string => `snapshot: watches ${count(watched)} of ${count(users)}`;

async function run(context: BenchmarkContext): Promise<BenchmarkResult> {
  const { isQuick, runs } = context;
  const measured = new Measured();
  const populations = isQuick ? POPULATIONS_QUICK : POPULATIONS;
  const sizes = isQuick ? WATCHED_QUICK : WATCHED;
  for (const users of populations) {
    context.say(`${users} users`);
    const stage = new Stage(
      users,
      sizes.filter((watched) => watched < users),
    );
    for (let round = 0; round <= runs; round++) {
      for (const [watched, watchers] of stage.watchers) {
        const resumeMs = await medianMs(watchers, (userId) => stage.resume(userId, stage.token(userId)));
        const snapshotMs = await medianMs(watchers, (userId) => stage.resume(userId, null));
        if (round === 0) continue; // the first warms up
        measured.add(resumed(watched, users), 'ms', resumeMs);
        measured.add(snapshot(watched, users), 'ms', snapshotMs);
      }
    }
  }
  const middle = (what: string): number => median(measured.get(what).values);
  const [few = 0, many = 0] = [populations[0], populations.at(-1)];
  const usual = isQuick ? 100 : 1_000;
  const axes = { x: 'watched users', y: 'ms' };
  const points = (what: typeof resumed) => sizes.map((watched) => [watched, middle(what(watched, many))] as const);
  return {
    measurements: measured.measurements,
    goals: [
      atMost(MS_MAX, `watching ${count(usual)} of a million: under 1 ms`, middle(resumed(usual, many))),
      atMost(
        3,
        'watching as many among a hundred times as many users: at most 3 times the cost',
        middle(resumed(usual, many)) / middle(resumed(usual, few)),
      ),
    ],
    series: [
      { title: 'resume, 1 % have changed', ...axes, points: points(resumed) },
      { title: 'snapshot instead', ...axes, points: points(snapshot) },
    ],
    notes: ['One in a hundred users has changed since the token; frames are made and put into JSON, but not sent.'],
  };
}

async function medianMs(watchers: readonly string[], open: (userId: string) => void): Promise<number> {
  const all: number[] = [];
  for (const userId of watchers) all.push(await timeMs(() => open(userId)));
  return median(all);
}

/** A delivery node's view of many users, and watchers whose rooms have members from all over. */
class Stage {
  /** By how many users they watch. */
  readonly watchers = new Map<number, string[]>();
  private readonly state = new FoldedState();
  private readonly tokens = new ResumeTokens(Buffer.alloc(32, 7), 'bench');
  private readonly place: Place;

  constructor(users: number, sizes: readonly number[]) {
    const population = new Population(users);
    this.state.addAll(population);
    const random = new SeededRandom(11);
    for (const watched of sizes) {
      this.watchers.set(
        watched,
        Array.from({ length: WATCHERS }, (_, index) => this.addWatcher(watched, index, population, random)),
      );
    }
    this.state.commit();
    this.place = { cursor: this.state.hub.cursor, after: null };
    for (let index = 0; index < users; index += CHANGED_EVERY) {
      this.state.take([{ type: 'status.set', user_id: population.userId(index), status_msg: 'in the garden' }]);
    }
    this.state.commit();
  }

  token(userId: string): string {
    return this.tokens.seal(userId, this.place);
  }

  /** All that is done until a client has what it missed; without a token, until it has everything. */
  resume(userId: string, token: string | null): void {
    let bytes = 0;
    const send = (frames: readonly Frame[]): boolean => {
      for (const frame of frames) bytes += frameText(frame).length;
      return true;
    };
    const since = token === null ? null : this.tokens.open(userId, token);
    const sink = { send, end: () => undefined };
    const connection = new Connection(userId, since, this.state.hub, this.tokens, systemClock, sink);
    connection.pump();
    connection.close();
    if (since === null && bytes === 0) throw new Error(`${userId} was told nothing.`);
  }

  private addWatcher(watched: number, index: number, population: Population, random: SeededRandom): string {
    const watcher = `@watcher-${watched}-${index}:bench.example`;
    const { size } = population;
    const first = random.below(size);
    for (let at = 0; at < watched; at++) {
      // A stride that is a prime: others are met only when all have been.
      const member = population.userId((first + at * 7_919) % size);
      const room_id = `!watched-${watched}-${index}-${Math.floor(at / (ROOM_MEMBERS - 1))}:bench.example`;
      this.state.take([{ type: 'room.joined', user_id: member, room_id }]);
      if (at % (ROOM_MEMBERS - 1) === 0) this.state.take([{ type: 'room.joined', user_id: watcher, room_id }]);
    }
    return watcher;
  }
}

export const resume: Benchmark = {
  name: 'resume',
  summary: 'a client that comes back, by how many users it watches, among a million',
  run,
};
