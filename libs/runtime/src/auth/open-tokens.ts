import { fraction } from '../clock/chance.ts';
import type { Cancel, Clock } from '../clock/clock.ts';
import { MatrixError } from '../http/matrix-error.ts';
import { Permits } from './permits.ts';
import { TokenCache } from './token-cache.ts';

/** So few that callers who wait to be let in do not notice. */
const QUESTIONS_MAX = 16;

/** A token, and whom to tell that it is good no more. */
interface OpenToken {
  readonly token: string;
  readonly listeners: Set<(error: MatrixError) => void>;
  cancel: Cancel;
}

/**
 * The tokens of all that is open: each is asked about again and again, once for however much is open with it. A token itself
 * is held only for as long as that.
 */
export class OpenTokens {
  private readonly open = new Map<string, OpenToken>();
  private readonly permits = new Permits(QUESTIONS_MAX, Infinity); // no more wait than are open

  /**
   * `everyMs`: a token is asked about after between a half and the whole of it, so that not all are at once after a restart;
   * 0: never. `ask` rejects with a `MatrixError` (503) when there is no answer, which says nothing of the token.
   */
  constructor(
    private readonly clock: Clock,
    private readonly everyMs: number,
    private readonly ask: (key: string, token: string) => Promise<unknown>,
  ) {}

  get size(): number {
    return this.open.size;
  }

  /** Something is open with the token, until it is cancelled. `refused` is called when the token turns out bad. */
  add(token: string, refused: (error: MatrixError) => void): Cancel {
    const key = TokenCache.key(token);
    const entry = this.open.get(key) ?? this.begin(key, token);
    entry.listeners.add(refused);
    return () => {
      entry.listeners.delete(refused);
      if (entry.listeners.size > 0) return;
      entry.cancel();
      if (this.open.get(key) === entry) this.open.delete(key);
    };
  }

  /** The token of this key is good no more, however that was heard of. */
  refuse(key: string, error: MatrixError): void {
    for (const refused of this.open.get(key)?.listeners ?? []) refused(error);
  }

  private begin(key: string, token: string): OpenToken {
    const entry: OpenToken = { token, listeners: new Set(), cancel: () => undefined };
    this.open.set(key, entry);
    if (this.everyMs > 0) this.askLater(key, entry);
    return entry;
  }

  private askLater(key: string, entry: OpenToken): void {
    const ms = (this.everyMs * (1 + fraction())) / 2;
    entry.cancel = this.clock.after(ms, () => void this.askAgain(key, entry));
  }

  private async askAgain(key: string, entry: OpenToken): Promise<void> {
    const giveBack = await this.permits.take(new AbortController().signal); // however long it takes
    try {
      if (entry.listeners.size > 0) await this.ask(key, entry.token);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
    } finally {
      giveBack();
    }
    if (entry.listeners.size > 0) this.askLater(key, entry);
  }
}
