import { availableParallelism } from 'node:os';
import type { Load, LoadReport, StormReport } from './crowd-calls.ts';
import { Crowd } from './crowd.ts';
import type { Server } from './server.ts';
import type { Transport } from './subscriber.ts';

const EVENTS_PER_REQUEST = 1_000;
const ROUNDS_MAX = 20;

/** What a load made of a server. */
export interface Run extends LoadReport {
  /** Processor time that the server's processes took, milliseconds. */
  readonly serverCpuMs: number;
  /** What the load side took of all processors, from 0 to 1. */
  readonly loadShare: number;
}

export interface Crowding {
  readonly users: number;
  /** Each user is in one room of so many. */
  readonly roomSize: number;
  readonly transport: Transport;
  readonly keepTokens?: boolean;
}

/** Names of users, who are in no two benches at once. */
export function userIds(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `@u${n}:bench`);
}

/** A server whose rooms are full of subscribers, and a load side that tells what they do. */
export class Stage {
  private readonly users: readonly string[];

  private constructor(
    private readonly server: Server,
    private readonly crowd: Crowd,
    private readonly crowding: Crowding,
  ) {
    const { users, roomSize } = crowding;
    this.users = interleaved(userIds(users), roomSize);
  }

  /** Takes the server, and stops it in the end. Resolves when every subscriber has been told of changes. */
  static async set(server: Server, crowding: Crowding): Promise<Stage> {
    const { users, roomSize, transport, keepTokens = false } = crowding;
    const stage = new Stage(server, new Crowd(), crowding);
    try {
      await fillRooms(server, userIds(users), roomSize);
      await stage.crowd.open({ url: server.deliveryUrl, transport, users: userIds(users), keepTokens });
      await stage.settle(users, roomSize);
    } catch (error) {
      await stage.end();
      throw error;
    }
    return stage;
  }

  async run(load: Omit<Load, 'url' | 'users' | 'audience'>): Promise<Run> {
    const { server } = this;
    const before = await server.usage();
    const report = await this.crowd.change({
      url: server.ingestUrl,
      users: this.users,
      audience: this.crowding.roomSize,
      ...load,
    });
    const after = await server.usage();
    return {
      ...report,
      serverCpuMs: (after.cpuSeconds - before.cpuSeconds) * 1_000,
      loadShare: report.cpuMs / report.ms / availableParallelism(),
    };
  }

  /** All clients are cut off, somebody in each room changes, and all come back at once with their tokens. */
  storm({ users, roomSize, transport }: Crowding): Promise<StormReport> {
    const { ingestUrl, deliveryUrl } = this.server;
    const opening = { url: deliveryUrl, transport, users: userIds(users), keepTokens: true };
    return this.crowd.storm(opening, {
      url: ingestUrl,
      users: this.users,
      audience: roomSize,
      ...oneInEachRoom(users, roomSize),
    });
  }

  async end(): Promise<void> {
    await this.crowd.end();
    await this.server.stop();
  }

  /** Until one change in each room is told to all of it: then all have joined, and nothing of the start is under way. */
  private async settle(users: number, roomSize: number): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { told } = await this.run(oneInEachRoom(users, roomSize));
      if (told.count === users) return;
    }
    throw new Error('Not all subscribers are told of changes.');
  }
}

function oneInEachRoom(users: number, roomSize: number): Omit<Load, 'url' | 'users' | 'audience'> {
  return { perSecond: null, requests: 1, eventsPerRequest: Math.ceil(users / roomSize), ms: 0 };
}

/** So that users who change one after another are in different rooms: first the first of each room, then the second. */
function interleaved(users: readonly string[], roomSize: number): string[] {
  const place = (n: number): number => (n % roomSize) * users.length + n;
  return users
    .map((user, n) => ({ user, place: place(n) }))
    .sort((a, b) => a.place - b.place)
    .map(({ user }) => user);
}

async function fillRooms(server: Server, users: readonly string[], roomSize: number): Promise<void> {
  const events = users.map((user, n) => ({
    type: 'room.joined',
    user_id: user,
    room_id: `!${Math.floor(n / roomSize)}:bench`,
  }));
  for (let from = 0; from < events.length; from += EVENTS_PER_REQUEST) {
    await server.post(events.slice(from, from + EVENTS_PER_REQUEST));
  }
}
