import type { Changes } from '#domain/changes';
import { decodeText } from '#domain/events';
import type { FoldOptions, FoldRecord } from '#domain/fold';
import { Fold } from '#domain/fold';
import type { Announcement, Device, Tie, User } from '#domain/state';
import { eventOf, secondsOf } from './notation.ts';

/** The user of events that name none. */
export const USER = '@u';

/** A clause of the rules: after `given`, the records of `when` announce `told` and leave the user like that. */
export interface Case {
  readonly clause: string;
  readonly given?: string;
  readonly when: string;
  readonly told: readonly string[];
  readonly leaves?: string;
}

/** The case with what really came out, to be compared with the case. */
export function played(row: Case): Case {
  const scene = given(row.given ?? '');
  const told = scene.when(row.when);
  return { ...row, told, ...(row.leaves === undefined ? {} : { leaves: scene.leaves() }) };
}

/** A fold to which that log has happened (see notation.ts). */
export function given(log: string, options?: FoldOptions): Scene {
  const scene = new Scene(new Fold(options));
  scene.when(log);
  if (scene.refusals.length > 0) throw new Error(`Not to be folded: ${scene.refusals.join('; ')}`);
  return scene;
}

export class Scene {
  /** Why records were dead letters, up to the last `when` or `drain`. */
  readonly refusals: string[] = [];
  private offset: number;

  constructor(readonly fold: Fold = new Fold()) {
    this.offset = fold.position.offset;
  }

  /** Takes the log, and says what it announced, a line each. */
  when(log: string): string[] {
    return this.announces(log).map(({ userId, announcement }) => announcedText(userId, announcement));
  }

  /** Takes the log, and returns what it announced. */
  announces(log: string): { userId: string; announcement: Announcement }[] {
    return this.changes(log).announcements;
  }

  /** Takes the log, and returns all that it changed. */
  changes(log: string): Changes {
    this.takeAll(log);
    return this.drain();
  }

  /** Takes the log, and leaves its changes to be drained. */
  takeAll(log: string): void {
    const lines = log.split(';').filter((line) => line.trim() !== '');
    for (const line of lines) this.take(secondsOf(line), eventOf(line, USER));
  }

  drain(): Changes {
    const changes = this.fold.drain();
    this.refusals.push(...changes.deadLetters.map((letter) => letter.reason));
    return changes;
  }

  /** Takes one record; without a key, that of its event. */
  take(seconds: number, event: object | string, key?: string | null): void {
    this.fold.apply(record(this.offset++, seconds, event, key));
  }

  user(id = USER): User {
    const user = this.fold.user(id);
    if (user === undefined) throw new Error(`There is no user ${id}`);
    return user;
  }

  /** All that the fold knows of a user's presence, as text; times are seconds. */
  leaves(id = USER): string {
    const user = this.fold.user(id);
    if (user === undefined) return 'nobody';
    const { manual, lastActiveAt, devices } = user;
    return [
      ...(manual === null ? [] : [`manual ${manual.presence}@${seconds(manual.at)}`]),
      `last ${seconds(lastActiveAt)}`,
      ...devices.map(deviceText),
    ].join('; ');
  }

  /** The user's ties, a line each; positions are offsets. */
  ties(id = USER): string[] {
    return Object.entries(this.user(id).ties).flatMap(([kind, ties]) =>
      [...(ties ?? [])].map(([other, tie]) => `${kind} ${other} ${tieText(tie)}`),
    );
  }

  /** Sources of the checkpoint, and the ends of their leases in seconds. */
  sources(): Record<string, number> {
    return Object.fromEntries(this.fold.checkpoint().sources.map(([id, leaseEnd]) => [id, leaseEnd / 1_000]));
  }
}

export function record(offset: number, seconds: number, event: object | string, key?: string | null): FoldRecord {
  const ownKey = typeof event === 'object' && 'user_id' in event ? String(event.user_id) : null;
  return {
    offset,
    timestamp: seconds * 1_000,
    key: key === undefined ? ownKey : key,
    decoded: decodeText(typeof event === 'string' ? event : JSON.stringify(event)),
  };
}

export function announcedText(userId: string, announcement: Announcement): string {
  const { ts, presence, currentlyActive, statusMsg, lastActiveTs } = announcement;
  return [
    String(ts / 1_000),
    ...(userId === USER ? [] : [userId]),
    presence,
    ...(currentlyActive ? ['active'] : []),
    ...(statusMsg === null ? [] : [`"${statusMsg}"`]),
    `last ${seconds(lastActiveTs)}`,
  ].join(' ');
}

function deviceText({ id, declared, declaredAt, lastActiveAt, lastSeenAt, leaseUntil, connections }: Device): string {
  const held = connections.map((connection) =>
    connection.source === null ? connection.id : `${connection.id} of ${connection.source.id}`,
  );
  return [
    `${id} ${declared}@${seconds(declaredAt)} active@${seconds(lastActiveAt)} seen@${seconds(lastSeenAt)}`,
    ...(leaseUntil === null ? [] : [`lease@${seconds(leaseUntil)}`]),
    ...(held.length === 0 ? [] : [`(${held.join(', ')})`]),
  ].join(' ');
}

function tieText({ since, earlier, until, untilTs, invitation, denied }: Tie): string {
  return [
    ...(invitation === null ? [] : [invitation]),
    `from ${since.offset}`,
    ...(earlier === null ? [] : [`after ${earlier.since.offset} to ${earlier.until.offset}`]),
    ...(until === null ? [] : [`to ${until.offset} at ${seconds(untilTs)}`]),
    ...(denied === null ? [] : [`denied ${denied.invitation} in ${denied.at.offset}`]),
  ].join(' ');
}

function seconds(ms: number | null): string {
  return ms === null ? 'never' : String(ms / 1_000);
}
