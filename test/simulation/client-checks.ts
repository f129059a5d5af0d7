import type { Frame } from '#delivery/frame';
import type { Place } from '#delivery/place';
import type { ResumeTokens } from '#delivery/resume-token';
import type { At, LogHistory } from '../oracle/log-history.ts';
import type { Truth } from '../oracle/truth.ts';
import { Beliefs, noticeText, pairKey, textOf } from './beliefs.ts';
import type { Happening, Sent } from './happenings.ts';
import { shownText, UNHEARD } from './public-text.ts';

/**
 * Of one client: what it was told last is what it may see, in the end and with each token; nothing is told twice after a
 * token, unless something has happened to it since; and whom it is made to forget, it could know.
 */
export function clientFaults(
  userId: string,
  happenings: readonly Happening[],
  history: LogHistory,
  tokens: ResumeTokens,
): string[] {
  const client = new CheckedClient(userId, history, tokens);
  for (const happening of happenings) client.take(happening);
  client.requireTruth(history.end, null, 'in the end');
  return client.faults.map((fault) => `${userId} ${fault}`);
}

class CheckedClient {
  readonly faults: string[] = [];
  private beliefs = new Beliefs();
  private readonly atToken = new Map<string, { beliefs: Beliefs; place: Place }>();
  /** Where the node stood when the stream or poll began, and last. */
  private startedAt: At = [];
  private cursor: At = [];
  /** From where on the client is told; of a part of the users only from where it began. */
  private place: At = [];
  private after: string | null = null;
  /** Of a poll that asks for everybody: those of whom it was not told yet. */
  private toBeTold: Set<string> | null = null;

  constructor(
    private readonly userId: string,
    private readonly history: LogHistory,
    private readonly tokens: ResumeTokens,
  ) {}

  take(happening: Happening): void {
    switch (happening.type) {
      case 'began':
        return this.begin(happening);
      case 'received':
        return this.receive(happening.sent);
      case 'token':
        return this.takeToken(happening.token, happening.cursor);
      case 'answered for nothing':
        this.faults.push('was answered with nothing, though there was time: so something has moved');
        return;
      case 'sent although full':
        this.faults.push('was sent more than it takes');
        return;
      case 'lost':
        return;
    }
  }

  /** At that cursor the client believes what is true for it, of all users up to `after`. */
  requireTruth(cursor: At, after: string | null, when: string): void {
    const truth = this.history.at(cursor);
    const faults = [...this.userFaults(truth, after), ...this.roomFaults(truth), ...this.invitationFaults(truth)];
    this.faults.push(...faults.map((fault) => `${when} ${fault}`));
  }

  private begin({ token, since, cursor, tellsAll }: Extract<Happening, { type: 'began' }>): void {
    this.toBeTold = tellsAll ? new Set(this.history.usersSeenBy(this.userId, cursor)) : null;
    this.startedAt = cursor;
    this.cursor = cursor;
    this.place = since?.cursor ?? cursor;
    this.after = since?.after ?? null;
    if (since === null || token === null) {
      this.beliefs = Beliefs.fresh(this.userId, cursor, this.history);
      return;
    }
    const saved = this.atToken.get(token);
    if (JSON.stringify(saved?.place) !== JSON.stringify(since))
      this.faults.push('began at another place than the token’s');
    if (!hasReached(cursor, since.cursor)) this.faults.push('went on at a node that is behind its token');
    this.beliefs = saved?.beliefs.resumedAt(since.cursor) ?? new Beliefs();
  }

  private receive({ frame, cursor, now }: Sent): void {
    if (!hasReached(cursor, this.cursor)) this.faults.push('was told of the past');
    this.cursor = cursor;
    if (frame.type === 'm.presence') this.toBeTold?.delete(frame.sender);
    const why = this.whyNotAgain(frame, cursor);
    if (why !== null) this.faults.push(`was told ${JSON.stringify(frame)} at ${JSON.stringify(cursor)}, ${why}`);
    this.beliefs.take(frame, cursor, now, this.history);
  }

  private takeToken(token: string, cursor: At): void {
    const place = this.tokens.open(this.userId, token);
    if (place === null) return void this.faults.push('got a token that cannot be opened');
    if (this.toBeTold !== null && this.toBeTold.size > 0) {
      this.faults.push(`asked for everybody, and was not told of ${[...this.toBeTold].join()}`);
    }
    const isNow = JSON.stringify(place.cursor) === JSON.stringify(cursor);
    // A snapshot's says where it began, so what came meanwhile may be told again.
    if (isNow) this.requireTruth(cursor, place.after, `with a token of ${JSON.stringify(place)}`);
    else if (JSON.stringify(place.cursor) !== JSON.stringify(this.startedAt)) {
      this.faults.push(`got a token of ${JSON.stringify(place)} at ${JSON.stringify(cursor)}`);
    }
    this.atToken.set(token, { beliefs: new Beliefs(this.beliefs), place });
  }

  private userFaults(truth: Truth, after: string | null): string[] {
    return [...new Set([...this.history.users, ...this.beliefs.users.keys()])].flatMap((other) => {
      const told = this.beliefs.users.get(other);
      const seen = truth.seen(this.userId, other);
      if (seen === null || (after !== null && other > after)) return told === undefined ? [] : [`still sees ${other}`];
      const fits = seen.some(
        (state) =>
          shownText(state) === (told?.text ?? UNHEARD) &&
          (told === undefined || fitsLastActive(told.lastActiveTs, state.last_active_ts)),
      );
      return fits ? [] : [`believes that ${other} is ${JSON.stringify(told)}, and should ${JSON.stringify(seen)}`];
    });
  }

  private roomFaults(truth: Truth): string[] {
    const rooms = new Set([...this.beliefs.rooms.keys(), ...truth.members().map(([room]) => room)]);
    return [...rooms].flatMap((room) => {
      const mode = truth.isMember(room, this.userId) ? truth.mode(room) : 'full';
      const told = this.beliefs.rooms.get(room)?.text ?? 'full';
      return told === mode ? [] : [`believes that ${room} is ${told}, and it is ${mode}`];
    });
  }

  private invitationFaults(truth: Truth): string[] {
    return truth.pairsOf(this.userId).flatMap(([owner, observed]) => {
      const standing = truth.invitation(owner, observed);
      const told = this.beliefs.invitations.get(pairKey(owner, observed))?.text;
      if (standing === null || standing.isOld || owner === observed) return [];
      const isPending = standing.state === 'pending';
      if (isPending !== (observed === this.userId) || (isPending && truth.blocks(observed, owner))) return [];
      const text = `${standing.state} ${standing.id}`;
      return told === text ? [] : [`was told ${told} of ${owner} and ${observed}, and it is ${text}`];
    });
  }

  /** Null: it is new to the client, or may be. */
  private whyNotAgain(frame: Frame, cursor: At): string | null {
    const { users, rooms, invitations } = this.beliefs;
    switch (frame.type) {
      case 'snapshot': {
        const again = frame.events.find(({ sender }) => users.has(sender));
        return again === undefined ? null : `which has ${again.sender} again`;
      }
      case 'm.presence': {
        const told = users.get(frame.sender);
        if (told === undefined || this.toBeTold !== null) return null;
        if (told.text !== textOf(frame)) return null;
        // Whoever begins to hide, or ceases to, has no last active time, or has one again.
        if ((told.lastActiveTs === null) !== (frame.content.last_active_ago === undefined)) return null;
        // To who has just come back it may have to be said again; a stream that runs knows what it has said. And the
        // movement of whoever hides is no news.
        const hides = this.history.at(cursor).hides(frame.sender, this.userId);
        const isNews =
          (!hides && this.history.wasAnnounced(frame.sender, told.at, cursor)) ||
          (this.isBackAt(cursor) && this.hasMoved(frame.sender, told.at, cursor));
        return isNews ? null : `and was told ${told.text} of it at ${JSON.stringify(told.at)}`;
      }
      case 'forget':
        return this.couldKnow(frame.user_id, cursor) ? null : 'which it could not know of';
      case 'room.presence': {
        const told = rooms.get(frame.room_id) ?? { text: 'full', at: this.place };
        const changed = this.history
          .changed(told.at, cursor)
          .filter(([kind, room]) => kind === 'member' && room === frame.room_id);
        const isOwn = changed.some(([, , member]) => member === this.userId);
        if (!isOwn && !this.history.at(cursor).isMember(frame.room_id, this.userId)) return 'and is not there';
        return told.text !== frame.mode || (this.isBackAt(cursor) && changed.length > 0) ? null : 'again';
      }
      default: {
        const { observer_user: owner, observed_user: observed } = frame.content;
        const told = invitations.get(pairKey(owner, observed));
        if (told?.text !== noticeText(frame, cursor, this.history)) return null;
        const isMoved = this.history
          .changed(told.at, cursor)
          .some(([kind, a, b]) =>
            kind === 'choice' ? a === observed : kind !== 'member' && a === owner && b === observed,
          );
        return isMoved ? null : 'again';
      }
    }
  }

  /** Whether the client has just come back: then it may be told what it knows. */
  private isBackAt(cursor: At): boolean {
    return JSON.stringify(cursor) === JSON.stringify(this.startedAt);
  }

  /** Whether anything but an announcement has happened by which the client may have to be told of the user anew. */
  private hasMoved(other: string, from: At, to: At): boolean {
    if (this.hasTieMoved(other, from, to)) return true;
    // The choice before the last one is remembered, but not what an announcement replaced.
    const chosen = this.history.changed(from, to).filter(([kind, user]) => kind === 'choice' && user === other).length;
    return chosen > 1 || (chosen === 1 && this.history.wasAnnounced(other, from, to));
  }

  private hasTieMoved(other: string, from: At, to: At): boolean {
    const shared = this.history.roomsShared(this.userId, other);
    return this.history.changed(from, to).some(([kind, a = '', b]) => {
      if (kind === 'member') return shared.has(a); // with its size, what it conveys
      return kind !== 'choice' && a === this.userId && b === other;
    });
  }

  /**
   * Whether the client could know of the user: they were tied somewhere on the way. Or they were in the same room, or
   * invitation and answer were there, though not at the same time, and it began anew since: nobody remembers exactly.
   */
  private couldKnow(other: string, cursor: At): boolean {
    const from = this.after !== null && other > this.after ? this.startedAt : this.place;
    for (const at of this.history.between(from, cursor)) {
      if (this.history.at(at).isTied(this.userId, other)) return true;
    }
    return this.hasTieMoved(other, from, cursor);
  }
}

/** What was told is the latest that was announced; since then the time may have moved on, silently. */
function fitsLastActive(told: number | null, is: number | null): boolean {
  return told === null || is === null ? told === is : told <= is;
}

const hasReached = (cursor: At, other: At): boolean =>
  cursor.every(({ offset, step }, partition) => {
    const { offset: from, step: fromStep } = other[partition] ?? { offset: 0, step: 0 };
    return offset > from || (offset === from && step >= fromStep);
  });
