import type { Cancel, Clock } from '../clock/clock.ts';
import { forbidden, MatrixError, missingToken } from '../http/matrix-error.ts';
import type { Authenticator, Caller } from './authenticator.ts';
import { OpenTokens } from './open-tokens.ts';
import { RefusedToken } from './refused-token.ts';
import { TokenCache } from './token-cache.ts';
import type { UpstreamTokens } from './upstream-tokens.ts';
import type { Whoami } from './whoami.ts';

/** What a header can carry, and no homeserver's tokens are longer. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
const REFUSED_FOR_MS = 5_000;
const CACHED_MAX = 50_000;

/** Knows users by a homeserver's access tokens, and upstream services by tokens that are configured. */
export class MatrixAuthenticator implements Authenticator {
  private readonly known: TokenCache<Caller | MatrixError>;
  /** Questions that have no answer yet. */
  private readonly asked = new Map<string, Promise<Caller | MatrixError>>();
  private readonly open: OpenTokens;

  /**
   * `knownForMs`: how long a token that the homeserver has confirmed is not asked for again. `askOpenEveryMs`: how often one
   * with which something is open is, at least; 0: never.
   */
  constructor(
    private readonly whoami: Whoami,
    private readonly upstreamTokens: UpstreamTokens,
    clock: Clock,
    private readonly knownForMs: number,
    askOpenEveryMs: number,
  ) {
    this.known = new TokenCache(clock, CACHED_MAX);
    this.open = new OpenTokens(clock, askOpenEveryMs, (key, token) => this.ask(key, token));
  }

  async user(token: string | null): Promise<Caller> {
    if (token === null) throw missingToken();
    if (!TOKEN.test(token)) throw RefusedToken.unknown('No homeserver gives out such a token.');
    // Which must not be told to the homeserver.
    if (this.upstreamTokens.has(token)) throw forbidden('This is an upstream service’s token. This needs a user’s.');
    const key = TokenCache.key(token);
    const answer = this.known.get(key) ?? (await this.ask(key, token));
    if (answer instanceof MatrixError) throw answer;
    return answer;
  }

  async upstream(token: string | null): Promise<void> {
    this.upstreamTokens.require(token, 'This needs an upstream service’s token, one of PRESENTLY_UPSTREAM_TOKENS.');
  }

  /** When the homeserver says so. That it gives no answer, or forbids the owner something, ends nothing. */
  whenRefused(token: string | null, _caller: Caller, refused: (error: MatrixError) => void): Cancel {
    return token === null ? () => undefined : this.open.add(token, refused);
  }

  /** However many ask at once, the homeserver is asked once. */
  private async ask(key: string, token: string): Promise<Caller | MatrixError> {
    const underWay = this.asked.get(key);
    if (underWay !== undefined) return underWay;
    const question = this.whoami.ask(token);
    this.asked.set(key, question);
    try {
      const answer = await question;
      this.known.set(key, answer, answer instanceof MatrixError ? REFUSED_FOR_MS : this.knownForMs);
      if (answer instanceof MatrixError && answer.getStatus() === 401) this.open.refuse(key, answer);
      return answer;
    } finally {
      this.asked.delete(key);
    }
  }
}
