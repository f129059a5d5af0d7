import type { ResumeTokens } from '#delivery/resume-token';
import type { Position } from '#domain/state';
import { isBefore } from '#domain/state';
import type { Entry, History } from './history.ts';
import { OFFLINE, START } from './history.ts';
import type { Heard } from './watcher.ts';

type Told = Extract<Heard, { kind: 'told' }>;
type Cursor = readonly Position[];

/** What a client may see of a user; null: not that there is one. By the rules of docs/SEMANTICS.md, written once more. */
function sight(observer: string, own: Entry, observed: string, theirs: Entry): string | null {
  if (observer === observed) return theirs.text;
  if (![...own.rooms].some((room) => theirs.rooms.has(room))) return null;
  return theirs.showTo !== 'everyone' || theirs.blocked.includes(observer) ? OFFLINE : theirs.text;
}

/**
 * Checks what a client heard: each frame was true for it between the token before and the token after, in order; nothing
 * is told twice that did not change after a token; and with each token it believes what is true at the token's place, of everybody.
 */
export class ClientCheck {
  readonly faults: string[] = [];
  /** Where its last token lies. */
  cursor: Cursor | null = null;
  tokens = 0;
  /** With its last token. */
  private beliefs = new Map<string, string | null>();
  /** Since its last token. */
  private told: Told[] = [];
  private isAllToBeChecked = true;

  constructor(
    private readonly name: string,
    private readonly userId: string,
    private readonly isSync: boolean,
    private readonly history: History,
    private readonly resumeTokens: ResumeTokens,
  ) {}

  /** `end`: where the fold of the log stands. */
  take(heard: Heard, end: Cursor): void {
    switch (heard.kind) {
      case 'began': {
        if (this.told.length > 0) this.checkTold(this.cursor, end);
        this.told = []; // it forgets what came after the token
        this.isAllToBeChecked = true;
        return;
      }
      case 'told':
        this.told.push(heard);
        return;
      case 'token':
        this.takeToken(heard.token, heard.isStart, end);
        return;
      case 'reset':
        this.faults.push(`${this.name}: its token was not taken`);
    }
  }

  /** What it believes now and is not so. */
  finalFaults(end: Cursor): string[] {
    const beliefs = new Map(this.beliefs);
    for (const { userId, text } of this.told) beliefs.set(userId, text);
    return this.beliefFaults(beliefs, end, new Set([...this.history.users, ...beliefs.keys()]), 'in the end');
  }

  private takeToken(token: string, isStart: boolean, end: Cursor): void {
    this.tokens++;
    const place = this.resumeTokens.open(this.userId, token);
    if (place === null) return void this.faults.push(`${this.name}: a token cannot be opened`);
    const { cursor } = place;
    const before = this.cursor;
    if (before !== null && cursor.some((position, partition) => isBefore(position, before[partition] as Position))) {
      this.faults.push(`${this.name}: a token goes back, from ${JSON.stringify(before)} to ${JSON.stringify(cursor)}`);
    }
    // A snapshot's token says where it began; what is in it can be from later on.
    if (isStart) this.checkTold(cursor, end);
    else this.checkTold(before, cursor);
    for (const { userId, text } of this.told) this.beliefs.set(userId, text);
    if (!isStart) {
      const moved = this.movedSince(before, cursor);
      this.faults.push(
        ...this.beliefFaults(this.beliefs, cursor, moved, `with the token of ${JSON.stringify(cursor)}`),
      );
      this.isAllToBeChecked = false;
    }
    this.told = [];
    this.cursor = cursor;
  }

  /** Those of whom the client may believe something else than before. */
  private movedSince(before: Cursor | null, cursor: Cursor): Set<string> {
    const moved = new Set(this.told.map(({ userId }) => userId));
    if (before !== null) {
      for (const [partition, to] of cursor.entries()) {
        for (const userId of this.history.movedBetween(partition, before[partition] as Position, to)) moved.add(userId);
      }
    }
    if (!this.isAllToBeChecked && before !== null && !moved.has(this.userId)) return moved;
    return new Set([...this.history.users, ...this.beliefs.keys()]);
  }

  private beliefFaults(
    beliefs: ReadonlyMap<string, string | null>,
    cursor: Cursor,
    users: Iterable<string>,
    when: string,
  ): string[] {
    const at = (userId: string): Entry => this.history.at(userId, cursor[this.history.partitionOf(userId)] as Position);
    const own = at(this.userId);
    return [...users].flatMap((userId) => {
      const is = beliefs.get(userId) ?? OFFLINE;
      const should = sight(this.userId, own, userId, at(userId)) ?? OFFLINE;
      return is === should
        ? []
        : [`${this.name}: ${when} it believes that ${userId} is "${is}", and "${should}" is true`];
    });
  }

  private checkTold(from: Cursor | null, to: Cursor): void {
    const between = (userId: string): Entry[] => {
      const partition = this.history.partitionOf(userId);
      return this.history.between(userId, from?.[partition] ?? START, to[partition] as Position);
    };
    const own = between(this.userId);
    /** By user: of what was true between, the first that may be told now. */
    const next = new Map<string, number>();
    const isNewToIt = this.cursor === null || own.length > 1;
    for (const { userId, text } of this.told) {
      const theirs = between(userId);
      const first = next.get(userId) ?? (isNewToIt ? 0 : 1);
      const found = theirs.findIndex((entry, index) => {
        if (index < first || (index > 0 && this.isHiddenMove(theirs[index - 1] as Entry, entry) && !isNewToIt))
          return false;
        return own.some((mine) => this.says(text, sight(this.userId, mine, userId, entry)));
      });
      if (found < 0) {
        const seen = theirs.map((entry) => own.map((mine) => sight(this.userId, mine, userId, entry)));
        this.faults.push(
          `${this.name}: was told "${text}" of ${userId}, which is again, out of order, or not what it may see: ` +
            `${JSON.stringify(seen.slice(0, 20))}, of which it was told ${first}, from ${JSON.stringify(from)} to ${JSON.stringify(to)}`,
        );
      } else next.set(userId, isNewToIt ? found : found + 1);
    }
  }

  /** A Matrix client is told the same of whom it may see no more, and of an ordinary offline user. */
  private says(text: string | null, seen: string | null): boolean {
    return text === seen || (this.isSync && (text ?? OFFLINE) === OFFLINE && (seen ?? OFFLINE) === OFFLINE);
  }

  /** Whoever hides goes on hiding: that something has changed must not be told. */
  private isHiddenMove(before: Entry, after: Entry): boolean {
    const hides = ({ showTo, blocked }: Entry): boolean => showTo !== 'everyone' || blocked.includes(this.userId);
    return hides(before) && hides(after) && before.blocked === after.blocked && before.rooms === after.rooms;
  }
}
