/**
 * The presence rules once more, as plainly as they can be said: no heap, no caches, everything looked at every time.
 * Written apart from libs/domain, of which it imports nothing, to be compared with it.
 */
export interface LogRecord {
  readonly offset: number;
  readonly timestamp: number;
  /** Undefined: keys are not checked. */
  readonly key?: string | null;
  readonly value: string;
}

export interface PublicFields {
  readonly presence: 'online' | 'unavailable' | 'offline';
  readonly currently_active: boolean;
  readonly last_active_ts: number | null;
  readonly status_msg: string | null;
}

export interface Announced extends PublicFields {
  readonly ts: number;
  readonly user_id: string;
}

type Json = Record<string, unknown>;
type Device = {
  declared: string;
  declaredAt: number;
  active: number;
  seen: number;
  lease: number;
  connections: Map<string, string | null>;
};
type User = {
  devices: Map<string, Device>;
  manual: { presence: 'unavailable' | 'offline'; at: number } | null;
  status: string | null;
  active: number;
  told: PublicFields;
};

/**
 * What the observed has said to an owner's invitations: which it accepted last, and which it denied since then. `at`: when
 * its account was removed, if nobody has used the id soon after.
 */
type Said = { accepted: string | null; denied: string | null; at: number | null };

const NEVER = -Infinity;
/** For so long it is remembered what a removed account has said. */
const REMEMBERED_MS = 24 * 3_600_000;
const UNHEARD: PublicFields = { presence: 'offline', currently_active: false, last_active_ts: null, status_msg: null };
const OPEN = { show_to: 'everyone' as 'everyone' | 'contacts' | 'nobody', blocked: [] as string[] };

const bytes = (text: string): number => Buffer.byteLength(text);
const isId = (v: unknown): boolean => typeof v === 'string' && v !== '' && bytes(v) <= 255 && v.isWellFormed();
const isWhole = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 0;
const isTtl = (v: unknown): boolean => isWhole(v) && v !== 0;
const oneOf =
  (...values: string[]) =>
  (v: unknown): boolean =>
    values.includes(v as string);
const isText = (v: unknown): boolean => typeof v === 'string';
const isIds = (v: unknown): boolean => Array.isArray(v) && v.every(isId);
const isMessage = (v: unknown): boolean => typeof v === 'string' && bytes(v) <= 1024;

/** Fields by type; a `!` marks those that must be there. */
const FIELDS: Record<string, Record<string, (v: unknown) => boolean>> = {
  'device.connected': {
    'user_id!': isId,
    device_id: isId,
    connection_id: isId,
    presence: oneOf('online', 'unavailable'),
    source_id: isId,
    ttl_ms: isTtl,
  },
  'device.disconnected': { 'user_id!': isId, device_id: isId, connection_id: isId, reason: isText },
  'device.active': { 'user_id!': isId, device_id: isId, ttl_ms: isTtl },
  'device.presence': { 'user_id!': isId, device_id: isId, 'presence!': oneOf('online', 'unavailable') },
  'status.set': {
    'user_id!': isId,
    device_id: isId,
    presence: oneOf('online', 'unavailable', 'offline'),
    status_msg: isMessage,
  },
  'room.joined': { 'user_id!': isId, 'room_id!': isId },
  'room.left': { 'user_id!': isId, 'room_id!': isId },
  'list.invited': { 'user_id!': isId, 'observed!': isId, 'invitation!': isId },
  'list.dropped': { 'user_id!': isId, 'observed!': isId, 'invitation!': isId },
  'list.accepted': { 'user_id!': isId, 'owner!': isId, 'invitation!': isId },
  'list.denied': { 'user_id!': isId, 'owner!': isId, 'invitation!': isId },
  'visibility.set': { 'user_id!': isId, 'show_to!': oneOf('everyone', 'contacts', 'nobody'), 'blocked!': isIds },
  'user.removed': { 'user_id!': isId },
  'source.alive': { 'source_id!': isId, 'ttl_ms!': isTtl },
  'source.gone': { 'source_id!': isId },
  'policy.set': {
    idleAfterMs: isWhole,
    activeForMs: isWhole,
    offlineAfterMs: isTtl,
    sourceTtlMs: isWhole,
    unheardForMs: isWhole,
  },
  tick: {},
};

export class NaiveFold {
  readonly announcements: Announced[] = [];
  readonly deadLetters: number[] = [];
  private readonly all = new Map<string, User>();
  private readonly leases = new Map<string, number>();
  private readonly rooms = new Set<string>();
  private readonly invited = new Map<string, string>();
  private readonly accepted = new Map<string, string>();
  private readonly said = new Map<string, Said>();
  private readonly choices = new Map<string, typeof OPEN>();
  private t = 0;
  private policy = {
    idleAfterMs: 300_000,
    activeForMs: 60_000,
    offlineAfterMs: 30_000,
    sourceTtlMs: 30_000,
    unheardForMs: 0,
  };

  constructor(policy: Partial<NaiveFold['policy']> = {}) {
    Object.assign(this.policy, policy);
  }

  apply({ offset, timestamp, key, value }: LogRecord): void {
    this.advanceTo(Math.max(this.t, timestamp));
    const event = read(value);
    if (event === null || !this.fitsKey(event, key) || !this.applyEvent(event)) this.deadLetters.push(offset);
  }

  /** Section 1: deadlines fire in order of time; those of one instant by user id. */
  advanceTo(t: number): void {
    for (;;) {
      const next = Math.min(Infinity, ...[...this.all.values()].map((user) => this.nextDeadline(user)));
      if (next > t) break;
      const due = [...this.all].filter(([, user]) => this.nextDeadline(user) === next).map(([id]) => id);
      this.t = next;
      for (const id of due.sort()) this.settle(id);
    }
    this.t = Math.max(this.t, t);
  }

  publicState(id: string): PublicFields {
    const user = this.all.get(id);
    return user === undefined ? UNHEARD : this.stateOf(user);
  }

  users(): string[] {
    return [...this.all.keys()];
  }

  members(): [room: string, user: string][] {
    return [...this.rooms].sort().map((text) => JSON.parse(text) as [string, string]);
  }

  /** Log time. */
  get time(): number {
    return this.t;
  }

  /** All relations, each as a text, so that two moments can be compared. The keys are JSON arrays. */
  facts(): Map<string, string> {
    const facts = new Map<string, string>();
    const add = (key: readonly string[], text: string): void => void facts.set(JSON.stringify(key), text);
    const ids = (pair: string): string[] => JSON.parse(pair) as string[];
    for (const pair of this.rooms) add(['member', ...ids(pair)], '');
    for (const [pair, invitation] of this.invited) add(['invite', ...ids(pair)], invitation);
    for (const [pair, said] of this.said) {
      add(['answer', ...ids(pair)], JSON.stringify({ ...said, stands: this.accepted.get(pair) ?? null }));
    }
    for (const [id, choice] of this.choices) add(['choice', id], JSON.stringify(choice));
    return facts;
  }

  following(owner: string, observed: string): boolean {
    const pair = JSON.stringify([owner, observed]);
    return this.invited.has(pair) && this.invited.get(pair) === this.accepted.get(pair);
  }

  shows(id: string): typeof OPEN {
    return this.choices.get(id) ?? OPEN;
  }

  private fitsKey(event: Json, key: string | null | undefined): boolean {
    return key === undefined || key === ((event.user_id as string | undefined) ?? null);
  }

  private nextDeadline(user: User): number {
    const { idleAfterMs, activeForMs } = this.policy;
    const times = [user.active + activeForMs];
    for (const device of user.devices.values()) times.push(device.active + idleAfterMs, this.offlineAt(device));
    return Math.min(Infinity, ...times.filter((at) => at > this.t));
  }

  /** Section 3: the latest of what keeps a device there. */
  private offlineAt(device: Device): number {
    const { offlineAfterMs, unheardForMs } = this.policy;
    let at = Math.max(device.seen + offlineAfterMs, device.lease);
    for (const source of device.connections.values()) {
      if (source !== null) at = Math.max(at, (this.leases.get(source) ?? NEVER) + offlineAfterMs);
      else at = Math.max(at, unheardForMs === 0 ? Infinity : device.seen + unheardForMs);
    }
    return at;
  }

  private stateOf(user: User): PublicFields {
    const { idleAfterMs, activeForMs } = this.policy;
    const isOnline = [...user.devices.values()].some((d) => d.declared === 'online' && this.t < d.active + idleAfterMs);
    const shown = user.manual?.presence ?? (isOnline ? 'online' : 'unavailable');
    const presence = user.devices.size === 0 ? 'offline' : shown;
    return {
      presence,
      currently_active: presence === 'online' && this.t < user.active + activeForMs,
      last_active_ts: user.active === NEVER ? null : user.active,
      status_msg: user.status,
    };
  }

  /** Section 5, after every step. */
  private settle(id: string, isRemoved = false): void {
    const user = this.all.get(id);
    if (user === undefined) return;
    for (const [device, state] of user.devices) if (this.offlineAt(state) <= this.t) user.devices.delete(device);
    const state = this.stateOf(user);
    const { told } = user;
    const [was, is] = [told.last_active_ts, state.last_active_ts];
    const differs =
      state.presence !== told.presence ||
      state.status_msg !== told.status_msg ||
      state.currently_active !== told.currently_active;
    const moved = !state.currently_active && is !== null && (was === null || is > was + this.policy.activeForMs);
    if (!differs && !moved && !(isRemoved && is !== was)) return;
    user.told = state;
    this.announcements.push({ ts: this.t, user_id: id, ...state });
  }

  private applyEvent(event: Json): boolean {
    const { t } = this;
    const source = event.source_id as string;
    switch (event.type) {
      case 'tick':
        return true;
      case 'source.alive':
        this.leases.set(source, Math.max(this.leases.get(source) ?? NEVER, t + (event.ttl_ms as number)));
        return true;
      case 'source.gone':
        if ((this.leases.get(source) ?? NEVER) > t) this.leases.set(source, t);
        return true;
      case 'policy.set': {
        const given = Object.entries(event).filter(([name]) => name in this.policy);
        const policy = { ...this.policy, ...(Object.fromEntries(given) as Partial<NaiveFold['policy']>) };
        if (policy.activeForMs >= policy.idleAfterMs) return false;
        this.policy = policy;
        for (const id of [...this.all.keys()].sort()) this.settle(id);
        return true;
      }
      default: {
        const id = event.user_id as string;
        const isNew = !this.all.has(id);
        const user = this.all.get(id) ?? {
          devices: new Map<string, Device>(),
          manual: null,
          status: null,
          active: NEVER,
          told: UNHEARD,
        };
        this.all.set(id, user);
        const waiting = this.saidBy(id).filter(({ at }) => at !== null && at + REMEMBERED_MS > t);
        const before = waiting.length === 0 ? '' : this.textOf(user);
        const isFine = this.applyToUser(event, id, user);
        if (!isFine && isNew) this.all.delete(id);
        if (waiting.length > 0 && this.textOf(user) !== before) for (const said of waiting) said.at = null;
        if (isFine) this.settle(id, event.type === 'user.removed');
        if (event.type === 'user.removed') this.all.delete(id);
        return isFine;
      }
    }
  }

  /** Section 4, the table. False: over a limit. */
  private applyToUser(event: Json, id: string, user: User): boolean {
    const { t } = this;
    const a = Math.min((event.ts as number | undefined) ?? t, t);
    const name = (event.device_id as string | undefined) ?? 'default';
    const connection = (event.connection_id as string | undefined) ?? name;
    const ttl = event.ttl_ms as number | undefined;
    const device = user.devices.get(name);
    const pair = (owner: unknown, observed: unknown): string => JSON.stringify([owner, observed]);
    const make = (declared: string, at: number): Device => {
      const made = { declared, declaredAt: at, active: NEVER, seen: at, lease: NEVER, connections: new Map() };
      user.devices.set(name, made);
      return made;
    };
    const declare = (of: Device, presence: string): void => {
      if (of.declared === presence) return;
      of.declared = presence;
      of.declaredAt = t;
      if (presence === 'online') bump(user, of, a);
    };
    switch (event.type) {
      case 'device.connected': {
        if (device === undefined && user.devices.size >= 100) return false;
        const isOver = device !== undefined && device.connections.size >= 100 && !device.connections.has(connection);
        const source = (event.source_id as string | undefined) ?? null;
        if (ttl === undefined && isOver) {
          for (const [id, other] of device.connections) {
            const isRunning = other === null || other === source || (this.leases.get(other) ?? NEVER) > t;
            if (!isRunning) device.connections.delete(id);
          }
          if (device.connections.size >= 100) return false;
        }
        const of = device ?? make('', t);
        if (ttl !== undefined) of.lease = Math.max(of.lease, t + ttl);
        else {
          of.connections.set(connection, source);
          if (source !== null && (this.leases.get(source) ?? NEVER) <= t) {
            this.leases.set(source, t + this.policy.sourceTtlMs);
          }
        }
        of.seen = Math.max(of.seen, t);
        declare(of, (event.presence as string | undefined) ?? 'online');
        return true;
      }
      case 'device.disconnected': {
        if (device === undefined) return true;
        device.connections.delete(connection);
        const isRunning = (source: string | null): boolean => source === null || (this.leases.get(source) ?? NEVER) > t;
        if (event.reason === 'logout') user.devices.delete(name);
        else if (![...device.connections.values()].some(isRunning)) {
          device.seen = Math.max(device.seen, a);
          device.lease = NEVER;
        }
        return true;
      }
      case 'device.active': {
        if (device === undefined && user.devices.size >= 100) return false;
        const of = device ?? make('online', a);
        if (ttl !== undefined) of.lease = Math.max(of.lease, t + ttl);
        bump(user, of, a);
        return true;
      }
      case 'device.presence':
        if (device === undefined) return true;
        device.seen = Math.max(device.seen, t);
        declare(device, event.presence as string);
        return true;
      case 'status.set': {
        const presence = event.presence as 'online' | 'unavailable' | 'offline' | undefined;
        const hasDevice = event.device_id !== undefined;
        if (hasDevice && (presence === 'online' || presence === 'unavailable')) {
          if (device === undefined && user.devices.size >= 100) return false;
          const of = device ?? make(presence, t);
          of.seen = Math.max(of.seen, t);
        }
        if (presence === 'online') {
          user.manual = null;
          const of = user.devices.get(name);
          if (hasDevice && of !== undefined) {
            of.declared = 'online';
            of.declaredAt = t;
            bump(user, of, a);
          } else user.active = Math.max(user.active, a);
        } else if (presence !== undefined) user.manual = { presence, at: t };
        if (event.status_msg !== undefined) user.status = (event.status_msg as string | null) || null;
        return true;
      }
      case 'room.joined':
        this.rooms.add(JSON.stringify([event.room_id, id]));
        return true;
      case 'room.left':
        this.rooms.delete(JSON.stringify([event.room_id, id]));
        return true;
      case 'list.invited':
        this.invited.set(pair(id, event.observed), event.invitation as string);
        return true;
      case 'list.dropped':
        if (this.invited.get(pair(id, event.observed)) === event.invitation)
          this.invited.delete(pair(id, event.observed));
        return true;
      case 'list.accepted':
        this.accept(pair(event.owner, id), event.invitation as string);
        return true;
      case 'list.denied':
        this.deny(pair(event.owner, id), event.invitation as string);
        return true;
      case 'visibility.set':
        this.choices.set(id, { show_to: event.show_to as 'nobody', blocked: event.blocked as string[] });
        if (JSON.stringify(this.choices.get(id)) === JSON.stringify(OPEN)) this.choices.delete(id);
        return true;
      default: // user.removed
        Object.assign(user, { devices: new Map(), manual: null, status: null, active: NEVER });
        this.choices.delete(id);
        for (const room of this.rooms) if ((JSON.parse(room) as string[])[1] === id) this.rooms.delete(room);
        for (const key of this.invited.keys()) if ((JSON.parse(key) as string[])[0] === id) this.invited.delete(key);
        for (const key of this.accepted.keys()) if ((JSON.parse(key) as string[])[1] === id) this.accepted.delete(key);
        for (const said of this.saidBy(id)) said.at ??= t;
        return true;
    }
  }

  /** Section 6. */
  private accept(pair: string, invitation: string): void {
    if (this.accepted.get(pair) === invitation) return;
    this.accepted.set(pair, invitation);
    this.said.set(pair, { accepted: invitation, denied: null, at: null });
  }

  /** Section 6: of the accepted one it revokes, and of any other it is an answer. */
  private deny(pair: string, invitation: string): void {
    if (this.accepted.get(pair) === invitation) this.accepted.delete(pair);
    const before = this.said.get(pair);
    const isForgotten = before === undefined || (before.at !== null && before.at + REMEMBERED_MS <= this.t);
    const said = isForgotten ? { accepted: null, denied: null, at: before?.at ?? null } : before;
    this.said.set(pair, said.accepted === invitation ? said : { ...said, denied: invitation });
  }

  private saidBy(id: string): Said[] {
    return [...this.said].filter(([pair]) => (JSON.parse(pair) as string[])[1] === id).map(([, said]) => said);
  }

  /** All that the user's own events can change. */
  private textOf(user: User): string {
    const devices = [...user.devices].map(([id, device]) => [id, device, [...device.connections]]);
    const facts = [...this.facts()].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([devices, user.manual, user.status, user.active === NEVER ? null : user.active, facts]);
  }
}

/** Section 3, bump. */
function bump(user: User, device: Device, a: number): void {
  device.active = Math.max(device.active, a);
  device.seen = Math.max(device.seen, a);
  if (a >= device.declaredAt) device.declared = 'online';
  if (user.manual?.presence === 'unavailable' && a >= user.manual.at) user.manual = null;
  if (user.manual?.presence !== 'offline') user.active = Math.max(user.active, a);
}

/** The event, without what is absent or null (but for `status_msg`, where null clears); null: not to be folded. */
function read(value: string): Json | null {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const given = json as Json;
  const fields = typeof given.type === 'string' && Object.hasOwn(FIELDS, given.type) ? FIELDS[given.type] : undefined;
  if (fields === undefined) return null;
  const event: Json = { type: given.type };
  for (const [field, isGood] of Object.entries({ ts: isWhole, ...fields })) {
    const name = field.replace('!', '');
    const v = given[name];
    if (v === undefined || v === null) {
      if (field.endsWith('!')) return null;
      if (v === null && name === 'status_msg') event.status_msg = null;
    } else if (!isGood(v)) return null;
    else event[name] = v;
  }
  return event;
}
