import type { Code } from '#domain/codes';
import { Coder, Decoder } from '#domain/codes';
import type { Presence } from '#domain/state';
import type { PositionJson, StateRecord } from '#domain/state-records';
import { positionJson, positionOf, stretchOf, visibilityRecord } from '#domain/state-records';
import { firstMembership, isFirstMembership } from '#domain/tie';
import type { ImagePart, ImageSubject, ImageTarget } from '#service/images/image';
import type { KnownUser, ListSpan, PresenceView, Room } from './presence-view.ts';
import type { StateReader } from './state-reader.ts';
import type { TieSpan } from './tie-span.ts';

/** What is known of a user, and of the rooms that it is in. */
type PackedUser = readonly [
  kind: 'user',
  id: string,
  /** Null: nothing is known but its rooms. */
  known: PackedState | null,
  /** Of memberships that stand for the first time, as most do, room, offset and step. */
  first: readonly Code[],
  otherRooms: readonly (readonly [room: Code, span: SpanJson])[],
];

type PackedState = readonly [
  presence: Presence,
  currentlyActive: boolean,
  lastActiveTs: number | null,
  statusMsg: string | null,
  announcedAt: PositionJson | null,
  removedAt: PositionJson | null,
  recordAt: number,
];

interface SpanJson {
  readonly since: PositionJson;
  readonly until: PositionJson | null;
  readonly earlier: readonly [since: PositionJson, until: PositionJson] | null;
}

/** What delivery knows, as an image shows it: invitations, answers and choices are as `presence.state` has them. */
export type ViewRow = PackedUser | readonly [kind: 'record', record: StateRecord];

/** The view, as an image shows it, and as it begins from one. */
export class ViewImage implements ImageSubject<ViewRow>, ImageTarget<ViewRow> {
  readonly name = 'delivery';
  readonly isOver = false;

  private rooms = this.newDecoder();

  constructor(
    private readonly view: PresenceView,
    private readonly reader: StateReader,
  ) {}

  get size(): number {
    return this.view.users.size;
  }

  /** Of a commit all is applied at once, since nobody is served before the view is complete. */
  get isSettled(): boolean {
    return this.reader.isCaughtUp;
  }

  parts(): readonly ImagePart[] | null {
    return this.reader.parts();
  }

  rows(): Iterable<ViewRow> {
    return viewRows(this.view);
  }

  take(row: ViewRow): void {
    const { view } = this;
    if (row[0] === 'record') return view.apply(row[1]);
    const [, userId, known, first, otherRooms] = row;
    if (known !== null) view.setUser(userId, unpackState(known));
    if (first.length > 0) this.takeFirst(userId, first);
    for (const [room, span] of otherRooms) view.setMember(this.rooms.value(room), userId, spanOfJson(span));
  }

  taken(parts: readonly ImagePart[]): void {
    this.view.sortEnded();
    this.reader.beginAt(parts);
  }

  forget(): void {
    this.view.clear();
    this.rooms = this.newDecoder();
  }

  private takeFirst(userId: string, first: readonly Code[]): void {
    const rooms: Room[] = [];
    const spans: TieSpan[] = [];
    for (let i = 0; i < first.length; i += 3) {
      rooms.push(this.rooms.value(first[i] as Code));
      spans.push(firstMembership({ offset: first[i + 1] as number, step: first[i + 2] as number }));
    }
    // A user that was forgotten and came again while the image was taken is in it twice.
    if (this.view.memberships.has(userId))
      rooms.forEach((room, i) => this.view.setMember(room, userId, spans[i] as TieSpan));
    else this.view.setStanding(userId, spans, rooms.slice()); // without the space that `push` leaves
  }

  private newDecoder(): Decoder<Room> {
    return new Decoder((id) => this.view.room(id));
  }
}

/** All that the view knows, while it changes. */
export function* viewRows(view: PresenceView): Iterable<ViewRow> {
  const roomIds = new Coder();
  for (const [userId, user] of view.users) yield packUser(view, userId, user, roomIds);
  // Of a user, the projector writes the record together with the first tie, or before it; but nothing here depends on that.
  for (const userId of view.memberships.keys()) {
    if (!view.users.has(userId)) yield packUser(view, userId, null, roomIds);
  }
  for (const [owner, spans] of view.invites) {
    for (const [observed, span] of spans) {
      yield ['record', { kind: 'invite', owner, observed, ...listRecord(span) }];
    }
  }
  for (const [observed, spans] of view.answers) {
    for (const [owner, span] of spans) {
      const denied = span.denied === null ? null : { ...span.denied, at: positionJson(span.denied.at) };
      yield ['record', { kind: 'answer', observed, owner, denied, ...listRecord(span) }];
    }
  }
  for (const [userId, { now, before }] of view.choices) yield ['record', visibilityRecord(userId, now, before)];
}

function packUser(view: PresenceView, userId: string, user: KnownUser | null, roomIds: Coder): PackedUser {
  const first: Code[] = [];
  const others: [string, TieSpan][] = [];
  for (const { id, members } of view.roomsOf(userId)) {
    const span = members.get(userId);
    if (span === undefined) continue;
    if (isFirstMembership(span)) first.push(roomIds.code(id), span.since.offset, span.since.step);
    else others.push([id, span]);
  }
  // Only now, because codes are read in the order in which they stand in the row.
  const otherRooms = others.map(([id, span]) => [roomIds.code(id), spanJson(span)] as const);
  return ['user', userId, user === null ? null : packState(user), first, otherRooms];
}

const packState = (user: KnownUser): PackedState => [
  user.presence,
  user.currentlyActive,
  user.lastActiveTs,
  user.statusMsg,
  user.announcedAt === null ? null : positionJson(user.announcedAt),
  user.removedAt === null ? null : positionJson(user.removedAt),
  user.recordAt,
];

function unpackState(packed: PackedState): KnownUser {
  const [presence, currentlyActive, lastActiveTs, statusMsg, announcedAt, removedAt, recordAt] = packed;
  return {
    presence,
    statusMsg,
    currentlyActive,
    lastActiveTs,
    announcedAt: announcedAt === null ? null : positionOf(announcedAt),
    removedAt: removedAt === null ? null : positionOf(removedAt),
    recordAt,
  };
}

function spanJson({ since, until, earlier }: TieSpan): SpanJson {
  return {
    since: positionJson(since),
    until: until === null ? null : positionJson(until),
    earlier: earlier === null ? null : [positionJson(earlier.since), positionJson(earlier.until)],
  };
}

/** The log time of an end is not known here, and not asked for: the projector says when it is to be forgotten. */
const listRecord = (span: ListSpan) => ({ invitation: span.invitation, ...spanJson(span), until_ts: null });

function spanOfJson({ since, until, earlier }: SpanJson): TieSpan {
  return {
    since: positionOf(since),
    until: until === null ? null : positionOf(until),
    earlier: stretchOf(earlier),
  };
}
