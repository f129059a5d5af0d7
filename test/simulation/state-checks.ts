import type { AnswerRecord, StateRecord, UserRecord } from '#domain/state-records';
import type { StoredRecord } from '#message-log/message-log';
import type { LogHistory } from '../oracle/log-history.ts';
import type { Announced } from '../oracle/naive-fold.ts';
import type { Truth } from '../oracle/truth.ts';
import { publicText, shownText, UNHEARD } from './public-text.ts';

/** Everything by partition. */
type Records = readonly (readonly StoredRecord[])[];
type Announcement = NonNullable<UserRecord['announcement']>;

const REMEMBERED_MS = 24 * 3_600_000;

/** The state topic says what the naive fold says, and every announcement in it was made, once, in order. */
export function stateFaults(state: Records, history: LogHistory): string[] {
  const truth = history.at(history.end);
  const latest = new Map<string, StateRecord>();
  const told = new Map<string, Announcement[]>();
  for (const [partition, records] of state.entries()) {
    for (const { key, value } of records) {
      if (value === null) latest.delete(`${partition} ${key}`);
      else {
        const record = JSON.parse(value.toString()) as StateRecord;
        latest.set(`${partition} ${key}`, record);
        if (record.kind === 'user' && record.announcement !== null) addTo(told, record.user_id, record.announcement);
      }
    }
  }
  const made = history.folds.flatMap(({ announcements }) => announcements);
  const now = Math.max(...history.folds.map(({ time }) => time));
  return [
    ...userFaults(latest.values(), truth),
    ...memberFaults(latest.values(), truth),
    ...followFaults([...latest.values()], truth),
    ...[...history.users].flatMap((userId) =>
      announcementFaults(
        userId,
        told.get(userId) ?? [],
        made.filter(({ user_id }) => user_id === userId),
        now,
      ),
    ),
  ];
}

/** What could not be folded is in the dead letters, each once. */
export function deadLetterFaults(deadLetters: Records, history: LogHistory): string[] {
  return deadLetters.flatMap((letters, partition) => {
    const offsets = letters.map(({ value }) => (JSON.parse(String(value)) as { offset: number }).offset).join();
    const expected = history.folds[partition]?.deadLetters.join();
    return offsets === expected ? [] : [`partition ${partition} has dead letters of ${offsets}, not of ${expected}`];
  });
}

/** Everything that had fallen due was announced. Moves the naive fold on to `now`. */
export function overdueFaults({ folds }: LogHistory, now: number): string[] {
  return folds.flatMap((fold, partition) => {
    const before = fold.announcements.length;
    fold.advanceTo(now);
    const late = fold.announcements.slice(before);
    return late.map((announced) => `partition ${partition}: nobody fired ${JSON.stringify(announced)}`);
  });
}

function userFaults(latest: Iterable<StateRecord>, truth: Truth): string[] {
  return [...latest].flatMap((record) => {
    if (record.kind !== 'user') return [];
    const [is, should] = [publicText(record), publicText(truth.states(record.user_id)[0])];
    return is === should ? [] : [`${record.user_id} is ${is} in the state, and ${should} by the naive fold`];
  });
}

function memberFaults(latest: Iterable<StateRecord>, truth: Truth): string[] {
  const members = [...latest].flatMap((record) =>
    record.kind === 'member' && record.until === null ? [`${record.room_id} ${record.user_id}`] : [],
  );
  const [is, should] = [
    members.sort().join(),
    truth
      .members()
      .map((pair) => pair.join(' '))
      .sort()
      .join(),
  ];
  return is === should ? [] : [`members are ${is}, not ${should}`];
}

function announcementFaults(
  userId: string,
  told: readonly Announcement[],
  made: readonly Announced[],
  now: number,
): string[] {
  const distinct = told.filter((one, index) => {
    const before = told[index - 1];
    return before === undefined || one.offset !== before.offset || one.step !== before.step;
  });
  // From the last on: when the log's time stands still, the same is announced more than once at one time.
  let at = made.length;
  for (const announcement of distinct.toReversed()) {
    const text = textOf(announcement);
    const before = made.findLastIndex((one, index) => index < at && textOf(one) === text);
    if (before < 0) return [`${userId}: the state announces ${text}, which the naive fold does not, or not there`];
    at = before;
  }
  const [last, lastTold] = [made.at(-1), distinct.at(-1)];
  if (last === undefined || (lastTold !== undefined && textOf(lastTold) === textOf(last))) return [];
  // Of an account that was removed long ago nothing has to be left.
  if (shownText(last) === UNHEARD && last.ts + REMEMBERED_MS <= now) return [];
  return [`${userId}: the naive fold's last announcement ${JSON.stringify(last)} is not in the state`];
}

const textOf = (announcement: Announcement | Announced): string => `${announcement.ts} ${publicText(announcement)}`;

function followFaults(records: readonly StateRecord[], truth: Truth): string[] {
  const answers = records.filter((record): record is AnswerRecord => record.kind === 'answer' && record.until === null);
  return records.flatMap((record) => {
    if (record.kind !== 'invite') return [];
    const { owner, observed, until, invitation } = record;
    const isAccepted = answers.some(
      (answer) => answer.owner === owner && answer.observed === observed && answer.invitation === invitation,
    );
    const follows = until === null && isAccepted;
    if (follows === truth.follows(owner, observed)) return [];
    return [`${owner} ${follows ? 'follows' : 'does not follow'} ${observed} in the state, unlike in the naive fold`];
  });
}

function addTo<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
