import type { PresenceContent } from '#domain/m-presence';
import { presenceContent } from '#domain/m-presence';
import type { PublicState, User } from '#domain/state';
import { UNHEARD_OF } from '#domain/state';
import type { Difference } from '#projector/verify/difference';
import { saying } from '#projector/verify/difference';
import type { FreshFold } from '#projector/verify/fresh-fold';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import { CommandError } from '#runtime/process';

/** The most that `POST /v1/presence/query` takes. */
const USERS_PER_REQUEST = 1_000;
/** How often those who differ are asked for again, because the node is behind the log, or ahead of what was read of it. */
const ROUNDS_MAX = 20;
const ROUND_MS = 500;
/** The node's clock is known from the `Date` of its answer, which is of whole seconds, and may be a second old. */
const CLOCK_MS_MAX = 3_000;
const ANSWER_LENGTH_MAX = 500;

/** What the node answered of some users, and when, by its own clock. */
interface Answer {
  readonly presence: Readonly<Record<string, PresenceContent>>;
  readonly now: number;
}

/** What a running delivery node shows of everybody. */
export class DeliveredStates {
  private readonly url: URL;

  /** `base` is the node, `token` an upstream service's. */
  constructor(
    base: URL,
    private readonly token: string,
    private readonly clock: Clock,
  ) {
    this.url = new URL('/v1/presence/query', base);
  }

  /**
   * Compares what the node shows of the users of a partition with the fold, which is moved on to the end of the log. Who
   * was once shown as the fold had them agrees. Throws `CommandError` when the node does not answer.
   */
  async compare(fold: FreshFold): Promise<Difference | null> {
    let differing: ReadonlyMap<string, Difference> | null = null;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (round > 0) await sleep(this.clock, ROUND_MS);
      await fold.foldTo(Infinity, () => Promise.resolve());
      const users = [...fold.users()].filter(({ id }) => differing?.has(id) ?? true);
      differing = await this.differencesOf(users);
      if (differing.size === 0) return null;
    }
    return [...(differing?.values() ?? [])].toSorted((a, b) => a.offset - b.offset)[0] ?? null;
  }

  private async differencesOf(users: readonly User[]): Promise<Map<string, Difference>> {
    const differing = new Map<string, Difference>();
    for (let at = 0; at < users.length; at += USERS_PER_REQUEST) {
      const some = users.slice(at, at + USERS_PER_REQUEST);
      const { presence, now } = await this.ask(some.map(({ id }) => id));
      for (const user of some) {
        const [shown, expected] = [presence[user.id] ?? null, presenceContent(publicOf(user), now)];
        if (shown !== null && isSame(shown, expected)) continue;
        const text = saying('delivery', shown === null ? null : JSON.stringify(shown), JSON.stringify(expected));
        differing.set(user.id, { subject: `user ${user.id}`, offset: user.at.offset, text });
      }
    }
    return differing;
  }

  private async ask(userIds: readonly string[]): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ user_ids: userIds });
    const response = await fetch(this.url, { method: 'POST', headers, body }).catch((error: unknown) => {
      const { cause, message } = error as Error;
      throw new CommandError(
        `${this.url.href} does not answer: ${cause instanceof Error ? cause.message : message}. Is delivery running there?`,
      );
    });
    const text = await response.text();
    if (!response.ok) {
      throw new CommandError(`${this.url.href} answers ${response.status}: ${text.slice(0, ANSWER_LENGTH_MAX)}`);
    }
    const { presence } = JSON.parse(text) as Pick<Answer, 'presence'>;
    return { presence, now: Date.parse(response.headers.get('date') ?? '') || this.clock.now() };
  }
}

/** What others are shown: what was announced last, and the last active time, which also moves silently. */
function publicOf({ announced, lastActiveAt }: User): PublicState {
  return { ...(announced ?? UNHEARD_OF), lastActiveTs: lastActiveAt };
}

function isSame(shown: PresenceContent, expected: PresenceContent): boolean {
  const [a, b] = [shown.last_active_ago ?? -Infinity, expected.last_active_ago ?? -Infinity];
  return (
    shown.presence === expected.presence &&
    shown.currently_active === expected.currently_active &&
    shown.status_msg === expected.status_msg &&
    (a === b || Math.abs(a - b) <= CLOCK_MS_MAX)
  );
}
