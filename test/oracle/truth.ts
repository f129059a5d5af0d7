import type { Announced, PublicFields } from './naive-fold.ts';

/** Which rooms convey presence. */
export interface RoomRule {
  readonly membersMax: number;
  readonly excluded: ReadonlySet<string>;
}

/** An invitation that stands. */
export interface Standing {
  readonly id: string;
  readonly state: 'pending' | 'accepted' | 'denied';
  /** Whoever denied it was removed so long ago that nobody has to remember it: then it may look as if it had not been. */
  readonly isOld: boolean;
}

/** A partition by the naive fold before a record, and what the record then did. */
export interface Moment {
  readonly states: ReadonlyMap<string, PublicFields>;
  readonly facts: ReadonlyMap<string, string>;
  /** While the record was folded, deadlines first. */
  announced: readonly Announced[];
  /** Keys of the facts that it changed. */
  changed: readonly (readonly string[])[];
  /** Log time with the record, up to which things may have been forgotten already. */
  timeAfter: number;
}

/** Which of an owner's invitations the observed accepted last, which it denied last since then, and which it accepts now. */
interface Said {
  readonly accepted: string | null;
  readonly denied: string | null;
  readonly stands: string | null;
}

interface Part {
  readonly moment: Moment;
  /** The reader is within the record at the offset: some of its deadlines have been seen, and some not. */
  readonly isWithin: boolean;
}

const UNHEARD: PublicFields = { presence: 'offline', currently_active: false, last_active_ts: null, status_msg: null };
/** How long what has ended is remembered, at least. */
const REMEMBERED_MS = 24 * 3_600_000;

/** What is true for a reader at one cursor, by the rules once more: nothing of this is libs/domain's or delivery's. */
export class Truth {
  private readonly rooms = new Map<string, Set<string>>();
  private readonly choices = new Map<string, { show_to: string; blocked: string[] }>();
  private readonly invited = new Map<string, string>();
  private readonly said = new Map<string, Said>();
  private readonly removedAt = new Map<string, number | null>();

  constructor(
    private readonly parts: readonly Part[],
    private readonly partitionOf: (userId: string) => number,
    private readonly roomRule: RoomRule,
  ) {
    for (const { moment } of parts)
      for (const [key, text] of moment.facts) this.read(JSON.parse(key) as string[], text);
  }

  /** What the user's own state can be: one, but for a reader within a record. */
  states(userId: string): PublicFields[] {
    const { moment, isWithin } = this.part(userId);
    const before = moment.states.get(userId) ?? UNHEARD;
    return isWithin ? [before, ...moment.announced.filter(({ user_id }) => user_id === userId)] : [before];
  }

  /** What the observer can see of the user; null: that there is such a user is none of its business. */
  seen(observer: string, observed: string): PublicFields[] | null {
    if (observer === observed) return this.states(observed);
    if (!this.isTied(observer, observed)) return null;
    return this.hides(observed, observer) ? [UNHEARD] : this.states(observed);
  }

  /** With oneself one is, too. */
  isTied(observer: string, observed: string): boolean {
    if (observer === observed || this.follows(observer, observed)) return true;
    for (const [room, members] of this.rooms) {
      if (members.has(observer) && members.has(observed) && this.mode(room) === 'full') return true;
    }
    return false;
  }

  isMember(room: string, userId: string): boolean {
    return this.rooms.get(room)?.has(userId) ?? false;
  }

  mode(room: string): 'full' | 'off' {
    const isTooLarge = (this.rooms.get(room)?.size ?? 0) > this.roomRule.membersMax;
    return isTooLarge || this.roomRule.excluded.has(room) ? 'off' : 'full';
  }

  members(): [room: string, userId: string][] {
    return [...this.rooms].flatMap(([room, members]) => [...members].map((userId): [string, string] => [room, userId]));
  }

  invitation(owner: string, observed: string): Standing | null {
    const pair = JSON.stringify([owner, observed]);
    const id = this.invited.get(pair);
    if (id === undefined) return null;
    const said = this.said.get(pair);
    if (said?.stands === id) return { id, state: 'accepted', isOld: false };
    const at = this.removedAt.get(pair) ?? null;
    const isOld = at !== null && at + REMEMBERED_MS <= this.part(observed).moment.timeAfter;
    return { id, state: said?.denied === id || said?.accepted === id ? 'denied' : 'pending', isOld };
  }

  /** Owners who have asked the user, and users whom it has asked. */
  pairsOf(userId: string): [owner: string, observed: string][] {
    const pairs = [...this.invited.keys()].map((pair) => JSON.parse(pair) as [string, string]);
    return pairs.filter((pair) => pair.includes(userId));
  }

  /** The owner's invitation is the one that the observed accepts. */
  follows(owner: string, observed: string): boolean {
    return this.invitation(owner, observed)?.state === 'accepted';
  }

  blocks(userId: string, other: string): boolean {
    return this.choices.get(userId)?.blocked.includes(other) ?? false;
  }

  /** Whoever is tied with the user sees an ordinary offline user. */
  hides(observed: string, observer: string): boolean {
    if (observed === observer) return false;
    const showTo = this.choices.get(observed)?.show_to ?? 'everyone';
    if (this.blocks(observed, observer) || showTo === 'nobody') return true;
    return showTo === 'contacts' && !this.follows(observer, observed);
  }

  private part(userId: string): Part {
    return this.parts[this.partitionOf(userId)] as Part;
  }

  private read([kind, a = '', b = '']: string[], text: string): void {
    const pair = JSON.stringify([a, b]);
    if (kind === 'member') this.rooms.set(a, (this.rooms.get(a) ?? new Set<string>()).add(b));
    else if (kind === 'invite') this.invited.set(pair, text);
    else if (kind === 'choice') this.choices.set(a, JSON.parse(text) as { show_to: string; blocked: string[] });
    else {
      const { at, ...said } = JSON.parse(text) as Said & { at: number | null };
      this.said.set(pair, said);
      this.removedAt.set(pair, at);
    }
  }
}
