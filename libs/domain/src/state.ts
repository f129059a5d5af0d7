import type { EventType } from './events.ts';

export type Presence = 'online' | 'unavailable' | 'offline';
export type Declared = 'online' | 'unavailable';

/**
 * Where in a partition something became true: the offset of the record, and the how-manieth change made while it was
 * processed. Positions order all changes of a partition, and a checkpoint is the position before which all is done.
 */
export interface Position {
  readonly offset: number;
  readonly step: number;
}

/** Whether `position` lies before `cursor`, that is, whether a reader at `cursor` has seen it. */
export function isBefore(position: Position, cursor: Position): boolean {
  return position.offset < cursor.offset || (position.offset === cursor.offset && position.step < cursor.step);
}

export function isSamePosition(a: Position | null, b: Position | null): boolean {
  return a?.offset === b?.offset && a?.step === b?.step;
}

/** The end of a gateway's or delivery node's lease, and the users whose connections hang on it. */
export interface Source {
  readonly id: string;
  /** Milliseconds of log time. */
  leaseEnd: number;
  readonly users: Set<User>;
  /** Time of its live entry among the deadlines; Infinity when it has none. */
  deadlineAt: number;
}

export interface Connection {
  readonly id: string;
  readonly source: Source | null;
}

/** One client of a user (semantics, section 3). Times are milliseconds of log time. */
export interface Device {
  readonly id: string;
  /** What the client says of itself; null only within the step that makes the device. */
  declared: Declared | null;
  declaredAt: number;
  lastActiveAt: number | null;
  lastSeenAt: number;
  leaseUntil: number | null;
  connections: Connection[];
}

export interface Manual {
  readonly presence: 'unavailable' | 'offline';
  readonly at: number;
}

/** The four values that others may see (semantics, section 5). */
export interface PublicState {
  readonly presence: Presence;
  readonly statusMsg: string | null;
  readonly currentlyActive: boolean;
  readonly lastActiveTs: number | null;
}

/** What a user who was never heard of looks like. */
export const UNHEARD_OF: PublicState = {
  presence: 'offline',
  statusMsg: null,
  currentlyActive: false,
  lastActiveTs: null,
};

/** What made an announcement: an event, or a deadline. */
export type CauseType = EventType | 'idle' | 'inactive' | 'disconnected';

export interface Cause {
  readonly type: CauseType;
  readonly deviceId: string | null;
  /** Offset of the record that led to it: the event itself, or, for a deadline, the user's last event before it. */
  readonly offset: number;
}

/** A public state told to those who may see it. `ts` is the event's log time, or the deadline (milliseconds). */
export interface Announcement extends PublicState {
  readonly ts: number;
  readonly position: Position;
  readonly cause: Cause;
}

/** From `since` to before `until`. */
export interface Stretch {
  readonly since: Position;
  readonly until: Position;
}

/**
 * A one-sided relation of a user: membership of a room, an invitation to somebody, an answer to somebody's invitation.
 * It held from `since` to before `until`; `until` is null while it holds. Never changed in place, only replaced.
 */
export interface Tie {
  readonly since: Position;
  readonly until: Position | null;
  /**
   * The relation held before, was ended, and began anew: from the first beginning to the last end that are remembered.
   * In between it may have held or not. Null when there is nothing to remember.
   */
  readonly earlier: Stretch | null;
  /** Log time of the end, milliseconds; null while it holds. */
  readonly untilTs: number | null;
  /** For the two halves of a presence list: which invitation was made or accepted. */
  readonly invitation: string | null;
  /** For an answer: the last invitation that was denied since, and where. */
  readonly denied: { readonly invitation: string; readonly at: Position } | null;
}

export type TieKind = 'member' | 'invite' | 'answer';

/** Whom a user lets see them (semantics, section 7). */
export interface VisibilityChoice {
  readonly showTo: 'everyone' | 'contacts' | 'nobody';
  readonly blocked: readonly string[];
}

export const VISIBLE_TO_ALL: VisibilityChoice = { showTo: 'everyone', blocked: [] };

/** A choice, and the position since which it stands. */
export interface StandingChoice extends VisibilityChoice {
  readonly at: Position;
}

/** Before all records. */
const NOWHERE: Position = { offset: -1, step: 0 };

/** Of whoever never chose. */
export const NEVER_CHOSEN: StandingChoice = { ...VISIBLE_TO_ALL, at: NOWHERE };

/** Ties by the id of the other side; ended ones too, while they are kept. Null until there is one, to save memory. */
export type Ties = Map<string, Tie> | null;

export interface User {
  readonly id: string;
  devices: Device[];
  manual: Manual | null;
  statusMsg: string | null;
  lastActiveAt: number | null;
  /** The last announcement; null when none was made. */
  announced: Announcement | null;
  /** Position of the last change. */
  at: Position;
  /** Offset of the user's last event that changed anything. */
  appliedOffset: number;
  /**
   * Log time at which the account was removed, or null. What is left of it is the last announcement, by which a resume
   * tells those who knew it, also when somebody takes the same id again; it is forgotten like an ended tie.
   */
  removedTs: number | null;
  /** Membership by room id, invitations by the observed, answers by the list's owner. */
  readonly ties: Record<TieKind, Ties>;
  visibility: StandingChoice;
  /** Time of its live entry among the deadlines; Infinity when it has none. */
  deadlineAt: number;
}

export function newUser(id: string): User {
  return {
    id,
    devices: [],
    manual: null,
    statusMsg: null,
    lastActiveAt: null,
    announced: null,
    at: NOWHERE,
    appliedOffset: -1,
    removedTs: null,
    ties: { member: null, invite: null, answer: null },
    visibility: NEVER_CHOSEN,
    deadlineAt: Infinity,
  };
}

export function newSource(id: string): Source {
  return { id, leaseEnd: -1, users: new Set(), deadlineAt: Infinity };
}
