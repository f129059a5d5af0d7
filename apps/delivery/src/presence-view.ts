import { partitionOf } from '#domain/partitioner';
import type { Position, PublicState, StandingChoice, VisibilityChoice } from '#domain/state';
import { isBefore, NEVER_CHOSEN, UNHEARD_OF, VISIBLE_TO_ALL } from '#domain/state';
import type {
  AnswerRecord,
  InviteRecord,
  MemberRecord,
  StateRecord,
  UserRecord,
  VisibilityRecord,
} from '#domain/state-records';
import { choiceOf, positionOf } from '#domain/state-records';
import type { Relation, RoomPolicy, RoomSilence, Sight } from '#domain/visibility';
import { roomConveys, roomSilence, seen, sightOf } from '#domain/visibility';
import { addTo, removeFrom } from './sets-by-key.ts';
import { SharedEvents } from './shared-events.ts';
import type { Cursor, Held, Moment, TieSpan } from './tie-span.ts';
import { and, heldAt, MAYBE, membershipSpan, NO, spanOf, stands, YES } from './tie-span.ts';

/** What delivery keeps of a user. */
export interface KnownUser extends PublicState {
  /** Position of the last announcement, in the user's own partition; null when there was none. */
  readonly announcedAt: Position | null;
  /** Where the account was removed, in the same partition: it is kept only so that others can be told. Null: it was not. */
  readonly removedAt: Position | null;
  /** Offset of the user's record in its partition of the state, where the rest of it can be read; -1: there is none. */
  readonly recordAt: number;
}

export interface ListSpan extends TieSpan {
  readonly invitation: string | null;
  /** Of an answer: what the observed denied last. */
  readonly denied: { readonly invitation: string; readonly at: Position } | null;
}

/** A standing invitation onto somebody's list (semantics, section 6). */
export interface Invitation {
  readonly id: string;
  readonly state: 'pending' | 'accepted' | 'denied';
  /** In the owner's partition. */
  readonly invitedAt: Position;
  /** In the observed's partition: while pending, where it last said something of another one; null: never. */
  readonly answeredAt: Position | null;
}

export interface Room {
  readonly id: string;
  /** By user; ended memberships too, while they are kept. */
  readonly members: Map<string, TieSpan>;
  /** How many memberships stand. */
  size: number;
}

/** Of a user: their rooms, also those that they have left, while that is kept. Most are in few, and a Map would take three times as much. */
interface Memberships {
  readonly userId: string;
  rooms: Room[];
}

/** What is seen of whoever hides, or was never heard of. */
export const NEVER_ANNOUNCED: KnownUser = { ...UNHEARD_OF, announcedAt: null, removedAt: null, recordAt: -1 };

export interface KnownChoice {
  readonly now: StandingChoice;
  /** The one before; null: not remembered. */
  readonly before: StandingChoice | null;
}

/**
 * All that delivery knows: everybody's public state, and who is tied to whom, as of the last checkpoint of each
 * partition. Every answer to a user goes through `view`, and so through the domain's visibility rule.
 */
export class PresenceView {
  readonly users = new Map<string, KnownUser>();
  readonly rooms = new Map<string, Room>();
  /** By user. */
  readonly memberships = new Map<string, Memberships>();
  /** By owner and observed. */
  readonly invites = new Map<string, Map<string, ListSpan>>();
  /** By observed: the owners of the invitations that are kept. */
  readonly inviters = new Map<string, Set<string>>();
  /** By observed and owner. */
  readonly answers = new Map<string, Map<string, ListSpan>>();
  /** What is told of users at one moment. */
  readonly events = new SharedEvents();
  readonly choices = new Map<string, KnownChoice>();
  /** By partition: what is to be dropped when the projector has forgotten it, oldest first. */
  private readonly ended: { readonly at: Position; readonly forget: () => void }[][] = [];

  constructor(
    readonly partitionCount: number,
    private readonly roomPolicy: RoomPolicy,
  ) {}

  /** What the observer sees of the user now; null: nothing, not even that there is one. */
  view(observer: string, observed: string): KnownUser | null {
    return this.viewBy(this.sight(observer, observed), observed);
  }

  /** The same, of whom the observer shares a room with that conveys presence. */
  viewOfRoomMate(observer: string, observed: string): KnownUser | null {
    return this.viewBy(this.sight(observer, observed, true), observed);
  }

  sight(observer: string, observed: string, sharesRoom?: boolean): Sight {
    return sightOf(this.relation(observer, observed, sharesRoom));
  }

  /** What stands between the two now, as the visibility rule asks it. */
  relation(observer: string, observed: string, sharesRoom = this.sharesRoom(observer, observed)): Relation {
    return {
      observer,
      observed,
      sharesRoom,
      follows: this.follows(observer, observed, 'now') === YES,
      choice: this.choiceOf(observed),
    };
  }

  /**
   * Everybody the observer has a tie with at that moment, itself first. Whoever hides or blocks is among them. `MAYBE`,
   * about a cursor: it is not remembered exactly.
   */
  tiedTo(observer: string, moment: Moment): Map<string, Held> {
    const tied = new Map<string, Held>([[observer, YES]]);
    const add = (userId: string, held: Held): void => {
      if (held > (tied.get(userId) ?? NO)) tied.set(userId, held);
    };
    for (const room of this.roomsOf(observer)) {
      const isThere = this.heldIn(room, observer, moment);
      if (isThere === NO) continue;
      const inRoom = and(isThere, this.conveys(room, moment));
      if (inRoom === NO) continue;
      for (const [userId, theirs] of room.members) add(userId, and(inRoom, this.held(theirs, userId, moment)));
    }
    for (const observed of this.invites.get(observer)?.keys() ?? []) {
      add(observed, this.follows(observer, observed, moment));
    }
    return tied;
  }

  /** Whether the observer's standing invitation is the one that the observed last accepted (semantics, section 6). */
  follows(observer: string, observed: string, moment: Moment): Held {
    const invite = this.invites.get(observer)?.get(observed);
    const answer = this.answers.get(observed)?.get(observer);
    if (invite === undefined || answer === undefined) return NO;
    const held = and(this.held(invite, observer, moment), this.held(answer, observed, moment));
    return held === YES && invite.invitation !== answer.invitation ? NO : held;
  }

  /** The owner's standing invitation to the observed, and what the observed has said to it; null: there is none. */
  invitation(owner: string, observed: string): Invitation | null {
    const invite = this.invites.get(owner)?.get(observed);
    if (invite === undefined || invite.invitation === null || !stands(invite)) return null;
    const { invitation: id, since: invitedAt } = invite;
    const answer = this.answers.get(observed)?.get(owner);
    if (answer !== undefined && stands(answer) && answer.invitation === id) {
      return { id, invitedAt, state: 'accepted', answeredAt: answer.since };
    }
    if (answer?.denied?.invitation === id) return { id, invitedAt, state: 'denied', answeredAt: answer.denied.at };
    // Accepted, and revoked since.
    if (answer?.invitation === id) return { id, invitedAt, state: 'denied', answeredAt: answer.until };
    return { id, invitedAt, state: 'pending', answeredAt: answer?.denied?.at ?? answer?.since ?? null };
  }

  /** The owner's invitation that waits for the user's answer; null: none does. Whoever the user blocks cannot bother it by asking. */
  asking(owner: string, userId: string): Invitation | null {
    const invitation = this.invitation(owner, userId);
    return invitation?.state === 'pending' && !this.choiceOf(userId).blocked.includes(owner) ? invitation : null;
  }

  /** Whom the user lets see them. */
  choiceOf(userId: string): VisibilityChoice {
    return this.choices.get(userId)?.now ?? VISIBLE_TO_ALL;
  }

  /** Whom the user let see them at the cursor; null: that is not remembered. */
  choiceAt(userId: string, cursor: Cursor): VisibilityChoice | null {
    const { now, before } = this.choices.get(userId) ?? { now: NEVER_CHOSEN, before: null };
    const at = cursor[this.partitionOf(userId)];
    if (at === undefined) return null;
    if (isBefore(now.at, at)) return now;
    return before !== null && isBefore(before.at, at) ? before : null;
  }

  heldMembership(roomId: string, userId: string, moment: Moment): Held {
    const room = this.rooms.get(roomId);
    return room === undefined ? NO : this.heldIn(room, userId, moment);
  }

  /** The rooms that the user is in, or was, while that is kept. */
  roomsOf(userId: string): readonly Room[] {
    return this.memberships.get(userId)?.rooms ?? [];
  }

  conveys(room: Room, moment: Moment): Held {
    if (moment === 'now') return this.conveysWith(room, room.size) ? YES : NO;
    if (this.conveysWith(room, room.members.size)) return YES; // it never had more
    let least = 0;
    let most = 0;
    for (const [userId, span] of room.members) {
      const held = this.held(span, userId, moment);
      if (held !== NO) most++;
      if (held === YES) least++;
    }
    if (this.conveysWith(room, most)) return YES;
    return this.conveysWith(room, least) ? MAYBE : NO;
  }

  /** Why the room conveys no presence now; null: it does. */
  silenceOf(room: Room): RoomSilence | null {
    return roomSilence(room.id, room.size, this.roomPolicy);
  }

  /** Whether the room conveys presence with that many members. */
  conveysWith(room: Room, size: number): boolean {
    return roomConveys(room.id, size, this.roomPolicy);
  }

  partitionOf(userId: string): number {
    return partitionOf(userId, this.partitionCount);
  }

  /** Takes a record of `presence.state`, other than a checkpoint or marker, and its offset there (-1: it has none). */
  apply(record: StateRecord, offset = -1): void {
    switch (record.kind) {
      case 'user':
        return this.applyUser(record, offset);
      case 'member':
        return this.applyMember(record);
      case 'invite':
        return this.applyInvite(record);
      case 'answer':
        return this.applyAnswer(record);
      case 'visibility':
        return this.applyChoice(record);
      case 'checkpoint':
      case 'owner':
      case 'log':
        return;
    }
  }

  setUser(userId: string, user: KnownUser): void {
    this.users.set(userId, user);
    if (user.removedAt === null) return;
    this.whenForgotten(userId, user.removedAt, () => {
      if (this.users.get(userId) !== user) return; // the account is there again
      this.users.delete(userId);
      this.choices.delete(userId);
      this.answers.delete(userId); // else one that has ended is kept: the invitation may stand
    });
  }

  setMember(room: Room, memberId: string, span: TieSpan): void {
    const ofUser = this.membershipsOf(memberId);
    // The strings that are kept already: each record has its own, some 50 bytes for each room and again for each member.
    const [id, userId] = [room.id, ofUser.userId];
    const before = room.members.get(userId);
    room.size += Number(stands(span)) - Number(stands(before));
    room.members.set(userId, span);
    if (before === undefined) addRoom(ofUser, room);
    if (span.until === null) return;
    this.whenForgotten(userId, span.until, () => {
      if (room.members.get(userId) !== span) return; // joined again since
      room.members.delete(userId);
      if (room.members.size === 0) this.rooms.delete(id);
      ofUser.rooms = ofUser.rooms.filter((other) => other !== room);
      if (ofUser.rooms.length === 0) this.memberships.delete(userId);
    });
  }

  /** All that stand, of a user of whom none is known yet, in their rooms; much faster than one by one. */
  setStanding(userId: string, spans: readonly TieSpan[], rooms: Room[]): void {
    this.memberships.set(userId, { userId, rooms });
    for (let i = 0; i < spans.length; i++) {
      const [room, span] = [rooms[i], spans[i]];
      if (room === undefined || span === undefined) continue;
      room.members.set(userId, span);
      room.size++;
    }
  }

  /** Drops ties that ended, and accounts that were removed, before that position of a partition. */
  forgetEnded(partition: number, before: Position): void {
    const ended = this.ended[partition] ?? [];
    let count = 0;
    for (const { at, forget } of ended) {
      if (!isBefore(at, before)) break;
      forget();
      count++;
    }
    if (count > 0) ended.splice(0, count);
  }

  /** After an image, whose rows are in no order: what has ended is forgotten in the order in which it ended. */
  sortEnded(): void {
    for (const ended of this.ended) ended?.sort(({ at: a }, { at: b }) => a.offset - b.offset || a.step - b.step);
  }

  /** Forgets everything. */
  clear(): void {
    for (const map of [
      this.users,
      this.rooms,
      this.memberships,
      this.invites,
      this.inviters,
      this.answers,
      this.choices,
    ]) {
      map.clear();
    }
    this.ended.length = 0;
  }

  /** Drops what the observed said to the owner. */
  forgetAnswer(observed: string, owner: string): void {
    removeNested(this.answers, observed, owner);
  }

  private viewBy(sight: Sight, observed: string): KnownUser | null {
    return seen(sight, this.users.get(observed) ?? NEVER_ANNOUNCED, NEVER_ANNOUNCED);
  }

  /** The rooms that both are in now, whether they convey presence or not. */
  sharedRooms(a: string, b: string): Room[] {
    return this.roomsOf(a).filter((room) => areIn(room, a, b));
  }

  private sharesRoom(a: string, b: string): boolean {
    return this.roomsOf(a).some((room) => areIn(room, a, b) && this.conveys(room, 'now') === YES);
  }

  private heldIn(room: Room, userId: string, moment: Moment): Held {
    const span = room.members.get(userId);
    return span === undefined ? NO : this.held(span, userId, moment);
  }

  private held(span: TieSpan, userId: string, moment: Moment): Held {
    if (moment === 'now') return stands(span) ? YES : NO;
    const cursor = moment[this.partitionOf(userId)];
    return cursor === undefined ? NO : heldAt(span, cursor);
  }

  private applyMember(record: MemberRecord): void {
    this.setMember(this.room(record.room_id), record.user_id, membershipSpan(record));
  }

  /** The room of this id, which is made if there is none. */
  room(id: string): Room {
    let room = this.rooms.get(id);
    if (room === undefined) this.rooms.set(id, (room = { id, members: new Map<string, TieSpan>(), size: 0 }));
    return room;
  }

  private membershipsOf(userId: string): Memberships {
    let ofUser = this.memberships.get(userId);
    if (ofUser === undefined) this.memberships.set(userId, (ofUser = { userId, rooms: [] }));
    return ofUser;
  }

  private applyUser(record: UserRecord, recordAt: number): void {
    const { user_id: userId, announcement } = record;
    const user: KnownUser = {
      presence: record.presence,
      statusMsg: record.status_msg,
      currentlyActive: record.currently_active,
      lastActiveTs: record.last_active_ts,
      announcedAt: announcement === null ? null : { offset: announcement.offset, step: announcement.step },
      removedAt: record.removed_ts === undefined ? null : { offset: record.at, step: record.step },
      recordAt,
    };
    this.setUser(userId, user);
  }

  private applyInvite(record: InviteRecord): void {
    const { owner, observed } = record;
    const span = { ...spanOf(record), invitation: record.invitation, denied: null };
    nested(this.invites, owner).set(observed, span);
    addTo(this.inviters, observed, owner);
    if (span.until === null) return;
    this.whenForgotten(owner, span.until, () => {
      if (this.invites.get(owner)?.get(observed) !== span) return; // invited again since
      removeNested(this.invites, owner, observed);
      removeFrom(this.inviters, observed, owner);
    });
  }

  private applyAnswer(record: AnswerRecord): void {
    const { owner, observed, denied } = record;
    nested(this.answers, observed).set(owner, {
      ...spanOf(record),
      invitation: record.invitation,
      denied: denied === null ? null : { invitation: denied.invitation, at: positionOf(denied.at) },
    });
  }

  private whenForgotten(userId: string, at: Position, forget: () => void): void {
    const partition = this.partitionOf(userId);
    (this.ended[partition] ??= []).push({ at, forget });
  }

  private applyChoice(record: VisibilityRecord): void {
    const { before } = record;
    this.choices.set(record.user_id, { now: choiceOf(record), before: before === undefined ? null : choiceOf(before) });
  }
}

const areIn = ({ members }: Room, a: string, b: string): boolean => stands(members.get(a)) && stands(members.get(b));

const FEW_ROOMS = 8;

/** To few not by `push`, which makes room for 17. */
function addRoom(memberships: Memberships, room: Room): void {
  if (memberships.rooms.length < FEW_ROOMS) memberships.rooms = memberships.rooms.concat(room);
  else memberships.rooms.push(room);
}

function nested<Value>(map: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  let inner = map.get(key);
  if (inner === undefined) map.set(key, (inner = new Map<string, Value>()));
  return inner;
}

function removeNested<Value>(map: Map<string, Map<string, Value>>, key: string, innerKey: string): void {
  const inner = map.get(key);
  inner?.delete(innerKey);
  if (inner?.size === 0) map.delete(key);
}
