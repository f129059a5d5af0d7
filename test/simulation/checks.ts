import { partitionOf } from '#domain/partitioner';
import { isBefore, UNHEARD_OF } from '#domain/state';
import type { AnswerRecord, StateRecord, UserRecord } from '#domain/state-records';
import type { MemoryLog } from '#message-log/memory/memory-log';
import type { StoredRecord, Topic } from '#message-log/message-log';
import type { Announced } from '../oracle/naive-fold.ts';
import { NaiveFold } from '../oracle/naive-fold.ts';
import type { Believed, SimClient } from './sim-client.ts';
import type { World } from './world.ts';

const RELATIONS = new Set([
  'room.joined',
  'room.left',
  'list.invited',
  'list.dropped',
  'list.accepted',
  'list.denied',
  'visibility.set',
  'user.removed',
]);

/** Compares everything that came out of a world with a naive fold of its log. Returns what is wrong, as sentences. */
export async function check(world: World): Promise<string[]> {
  const oracle = await Oracle.of(world);
  return [
    ...(await stateFaults(world, oracle)),
    ...(await deadLetterFaults(world, oracle)),
    ...oracle.overdue(world.now),
    ...world.clients.flatMap((client) => [...viewFaults(client, oracle), ...sequenceFaults(client, oracle)]),
  ];
}

/** The naive fold of each partition, and one of them all for the relations, which cross partitions. */
class Oracle {
  readonly partitions: NaiveFold[] = [];
  readonly relations = new NaiveFold();
  /** Relation events by user, as offsets in the user's partition. */
  readonly relationOffsets = new Map<string, number[]>();

  private constructor(private readonly world: World) {}

  static async of(world: World): Promise<Oracle> {
    const oracle = new Oracle(world);
    for (let partition = 0; partition < world.log.partitionCount; partition++) {
      const fold = new NaiveFold();
      oracle.partitions.push(fold);
      for (const { offset, timestamp, key, value } of await readAll(world.log, 'events', partition)) {
        const record = { offset, timestamp, key, value: value?.toString() ?? '' };
        fold.apply(record);
        oracle.relations.apply(record);
        oracle.noteRelation(record);
      }
    }
    return oracle;
  }

  foldOf(userId: string): NaiveFold {
    return this.partitions[partitionOf(userId, this.partitions.length)] as NaiveFold;
  }

  announcements(userId: string): Announced[] {
    return this.foldOf(userId).announcements.filter(({ user_id }) => user_id === userId);
  }

  users(): string[] {
    return this.partitions.flatMap((fold) => fold.users());
  }

  /** What an observer should believe of a user in the end; null: that there is no such user. */
  seenBy(observer: string, observed: string): Believed | null {
    const { show_to: showTo, blocked } = this.relations.shows(observed);
    const follows = this.relations.following(observer, observed);
    const isSelf = observer === observed;
    // Said once more, and not by the domain's function: else a fault in that would be in both.
    if (!isSelf && !follows && !this.shareRoom(observer, observed)) return null;
    const isHidden = blocked.includes(observer) || showTo === 'nobody' || (showTo === 'contacts' && !follows);
    if (!isSelf && isHidden) return UNHEARD_OF;
    const state = this.foldOf(observed).publicState(observed);
    return {
      presence: state.presence,
      statusMsg: state.status_msg,
      currentlyActive: state.currently_active,
      lastActiveTs: state.last_active_ts,
    };
  }

  /** Whoever never changed whom they show themselves to. */
  isOpen(userId: string): boolean {
    const { show_to, blocked } = this.relations.shows(userId);
    return show_to === 'everyone' && blocked.length === 0 && !this.hasChosen.has(userId);
  }

  overdue(now: number): string[] {
    return this.partitions.flatMap((fold, partition) => {
      const before = fold.announcements.length;
      fold.advanceTo(now);
      const late = fold.announcements.slice(before);
      return late.map((announced) => `partition ${partition}: nobody fired ${JSON.stringify(announced)}`);
    });
  }

  private readonly hasChosen = new Set<string>();

  private shareRoom(a: string, b: string): boolean {
    const members = this.relations.members();
    const roomsOf = (user: string): string[] => members.filter(([, member]) => member === user).map(([room]) => room);
    const sizeOf = (room: string): number => members.filter(([other]) => other === room).length;
    const ofB = new Set(roomsOf(b));
    return roomsOf(a).some((room) => ofB.has(room) && sizeOf(room) <= this.world.roomPolicy.membersMax);
  }

  private noteRelation({ offset, value }: { offset: number; value: string }): void {
    let event: { type?: unknown; user_id?: unknown };
    try {
      event = JSON.parse(value) as typeof event;
    } catch {
      return;
    }
    if (typeof event?.type !== 'string' || !RELATIONS.has(event.type) || typeof event.user_id !== 'string') return;
    const offsets = this.relationOffsets.get(event.user_id) ?? [];
    this.relationOffsets.set(event.user_id, [...offsets, offset]);
    if (event.type === 'visibility.set') this.hasChosen.add(event.user_id);
  }
}

/** The state topic says what the naive fold says, and every announcement in it was made, once, in order. */
async function stateFaults(world: World, oracle: Oracle): Promise<string[]> {
  const faults: string[] = [];
  const latest = new Map<string, StateRecord>();
  const members = new Set<string>();
  const told = new Map<string, NonNullable<UserRecord['announcement']>[]>();
  for (let partition = 0; partition < world.log.partitionCount; partition++) {
    for (const { key, value } of await readAll(world.log, 'state', partition)) {
      if (value === null) latest.delete(`${partition} ${key}`);
      else {
        const record = JSON.parse(value.toString()) as StateRecord;
        latest.set(`${partition} ${key}`, record);
        if (record.kind === 'user' && record.announcement !== null) addTo(told, record.user_id, record.announcement);
      }
    }
  }
  for (const record of latest.values()) {
    if (record.kind === 'member' && record.until === null) members.add(`${record.room_id} ${record.user_id}`);
    if (record.kind !== 'user') continue;
    const { user_id: userId } = record;
    const expected = oracle.foldOf(userId).publicState(userId);
    if (publicText(record) !== publicText(expected)) {
      faults.push(`${userId} is ${publicText(record)} in the state, and ${publicText(expected)} by the naive fold`);
    }
  }
  const expectedMembers = new Set(oracle.relations.members().map(([room, user]) => `${room} ${user}`));
  if (!isSameSet(members, expectedMembers))
    faults.push(`members are ${[...members].join()}, not ${[...expectedMembers].join()}`);
  for (const userId of oracle.users()) {
    faults.push(...announcementFaults(userId, told.get(userId) ?? [], oracle.announcements(userId)));
  }
  faults.push(...followFaults(latest, oracle));
  return faults;
}

function announcementFaults(
  userId: string,
  told: readonly NonNullable<UserRecord['announcement']>[],
  made: readonly Announced[],
): string[] {
  const distinct = told.filter((one, index) => {
    const before = told[index - 1];
    return before === undefined || one.offset !== before.offset || one.step !== before.step;
  });
  let at = -1;
  for (const announcement of distinct) {
    const text = `${announcement.ts} ${publicText(announcement)}`;
    const next = made.findIndex((one, index) => index > at && `${one.ts} ${publicText(one)}` === text);
    if (next < 0) return [`${userId}: the state announces ${text}, which the naive fold does not, or not there`];
    at = next;
  }
  if (at === made.length - 1) return [];
  return [`${userId}: the naive fold's last announcement ${JSON.stringify(made.at(-1))} is not in the state`];
}

function followFaults(latest: ReadonlyMap<string, StateRecord>, oracle: Oracle): string[] {
  const records = [...latest.values()];
  const answers = records.filter((record): record is AnswerRecord => record.kind === 'answer' && record.until === null);
  return records.flatMap((record) => {
    if (record.kind !== 'invite') return [];
    const { owner, observed, until, invitation } = record;
    const isAccepted = answers.some(
      (answer) => answer.owner === owner && answer.observed === observed && answer.invitation === invitation,
    );
    const follows = until === null && isAccepted;
    if (follows === oracle.relations.following(owner, observed)) return [];
    return [`${owner} ${follows ? 'follows' : 'does not follow'} ${observed} in the state, unlike in the naive fold`];
  });
}

/** What could not be folded is in the dead letters, each once. */
async function deadLetterFaults(world: World, oracle: Oracle): Promise<string[]> {
  const faults: string[] = [];
  for (const [partition, fold] of oracle.partitions.entries()) {
    const letters = await readAll(world.log, 'dead-letters', partition);
    const offsets = letters.map(({ value }) => (JSON.parse(value?.toString() ?? '{}') as { offset: number }).offset);
    if (offsets.join() !== fold.deadLetters.join()) {
      faults.push(`partition ${partition} has dead letters of ${offsets.join()}, not of ${fold.deadLetters.join()}`);
    }
  }
  return faults;
}

/** In the end a client believes what it may see, and nothing of anybody else. */
function viewFaults(client: SimClient, oracle: Oracle): string[] {
  const users = new Set([...oracle.users(), ...client.view.keys(), ...client.happenings.flatMap(userOf)]);
  return [...users].flatMap((userId) => {
    const expected = oracle.seenBy(client.userId, userId);
    const believed = client.view.get(userId);
    if (expected === null) {
      return believed === undefined ? [] : [`${client.userId} still sees ${userId}: ${believedText(believed)}`];
    }
    const text = believedText(believed ?? UNHEARD_OF);
    if (text === believedText(expected)) return [];
    return [`${client.userId} believes that ${userId} is ${text}, and should ${believedText(expected)}`];
  });
}

/**
 * Of each user a client was told an ordered subsequence of the announcements, and after a token nothing again of what
 * came before it, unless the client had to be told anew: after a snapshot, or when a tie began.
 */
function sequenceFaults(client: SimClient, oracle: Oracle): string[] {
  const faults: string[] = [];
  let reached = new Map<string, number>();
  let known = new Set<string>();
  let anew: (userId: string) => boolean = () => false;
  const atToken = new Map<string, { reached: Map<string, number>; known: Set<string> }>();
  for (const happening of client.happenings) {
    if (happening.type === 'fresh') {
      reached = new Map();
      known = new Set();
    } else if (happening.type === 'token') {
      atToken.set(happening.token, { reached: new Map(reached), known: new Set(known) });
    } else if (happening.type === 'resumed') {
      const saved = atToken.get(happening.token);
      [reached, known] = [new Map(saved?.reached), new Set(saved?.known)];
      const hasMoved = (userId: string): boolean => {
        const cursor = happening.cursor[partitionOf(userId, happening.cursor.length)];
        const offsets = oracle.relationOffsets.get(userId) ?? [];
        return cursor === undefined || offsets.some((offset) => !isBefore({ offset, step: 0 }, cursor));
      };
      // A room's size moves with any member, and with it what the room conveys.
      anew = () => [...oracle.relationOffsets.keys()].some(hasMoved);
    } else if (happening.type === 'forgot') known.delete(happening.userId);
    else if (oracle.isOpen(happening.userId)) {
      const { userId, state, isSnapshot } = happening;
      const from = reached.get(userId) ?? -1;
      const mayRepeat = isSnapshot || !known.has(userId) || anew(userId);
      const next = indexOf(oracle.announcements(userId), state, mayRepeat ? from : from + 1);
      if (next === null) {
        faults.push(
          `${client.userId} was told of ${userId}: ${believedText(state)}, again, out of order, or not announced`,
        );
      } else reached.set(userId, next);
      known.add(userId);
    }
  }
  return faults;
}

/** The first announcement from `from` on that is what a client was told; -1 is the state of whoever was never announced. */
function indexOf(announcements: readonly Announced[], state: Believed, from: number): number | null {
  if (from <= -1 && believedText(state) === believedText(UNHEARD_OF)) return -1;
  const found = announcements.findIndex(
    (announced, index) => index >= from && publicTextOf(state) === fieldsText(announced) && !isLater(announced, state),
  );
  return found < 0 ? null : found;
}

/** The last active time that is sent is the latest, which may have moved silently since the announcement. */
const isLater = (announced: Announced, state: Believed): boolean =>
  announced.last_active_ts !== null && (state.lastActiveTs === null || announced.last_active_ts > state.lastActiveTs);

async function readAll(log: MemoryLog, topic: Topic, partition: number): Promise<StoredRecord[]> {
  const all: StoredRecord[] = [];
  for await (const { records } of log.read(topic, partition, 0)) all.push(...records);
  return all;
}

interface PublicFields {
  readonly presence: string;
  readonly currently_active: boolean;
  readonly last_active_ts: number | null;
  readonly status_msg: string | null;
}

const fieldsText = (state: PublicFields): string =>
  JSON.stringify([state.presence, state.status_msg, state.currently_active]);
const publicText = (state: PublicFields): string => `${fieldsText(state)} ${state.last_active_ts}`;
const publicTextOf = (state: Believed): string =>
  JSON.stringify([state.presence, state.statusMsg, state.currentlyActive]);

/** Without the last active time, which moves silently. */
const believedText = publicTextOf;

const userOf = (happening: SimClient['happenings'][number]): string[] =>
  'userId' in happening ? [happening.userId] : [];

const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((item) => b.has(item));

function addTo<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
