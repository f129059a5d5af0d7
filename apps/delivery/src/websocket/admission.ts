import type { Authenticator, Caller } from '#runtime/auth/authenticator';
import type { Cancel } from '#runtime/clock/clock';
import type { RefusalLimits } from '#runtime/http/limits/refusal-limits';
import type { MatrixError } from '#runtime/http/matrix-error';
import type { SetPresence } from '../devices/device-connection.ts';
import type { Delivery } from '../delivery.ts';

/** What a client asks for when it connects. */
export interface Asked {
  readonly since?: string | undefined;
  readonly set_presence?: SetPresence;
}

/** A client that is known, and where its stream begins. */
export interface Admitted {
  readonly caller: Caller;
  readonly start: Awaited<ReturnType<Delivery['startOf']>>;
  readonly setPresence: SetPresence;
  /** Calls `refused` when its token is good no more, until it is cancelled. */
  readonly whenRefused: (refused: (error: MatrixError) => void) => Cancel;
}

/** Lets clients in. */
export class Admission {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly refusals: RefusalLimits,
    private readonly delivery: Delivery,
  ) {}

  /** Finds who it is, and where they go on. Throws a `MatrixError`: 401, 403, 429, or 503 while this node is behind. */
  async admit(address: string, token: string | null, asked: Asked): Promise<Admitted> {
    const caller = await this.refusals.guard(address, token, () => this.authenticator.user(token));
    const start = await this.delivery.startOf(caller.userId, asked.since ?? null);
    return {
      caller,
      start,
      setPresence: asked.set_presence,
      whenRefused: (refused) => this.authenticator.whenRefused(token, caller, refused),
    };
  }
}
