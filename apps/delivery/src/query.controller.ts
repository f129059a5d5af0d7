import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { presenceContent } from '#domain/m-presence';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import type { Clock } from '#runtime/clock/clock';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { CLOCK } from '#runtime/tokens';
import { Delivery } from './delivery.ts';
import { queryPresence } from './query.operations.ts';
import type { PresenceAnswer } from './query.schemas.ts';
import { presenceQuerySchema } from './query.schemas.ts';
import { userOrUpstream } from './user-or-upstream.ts';

@Controller('v1/presence/query')
export class QueryController {
  constructor(
    private readonly delivery: Delivery,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The presence of many users: to a user of those it may see, to an upstream service of all that are known. */
  @Post()
  @Operation(queryPresence)
  @HttpCode(200)
  async query(@Headers('authorization') authorization: string, @Body() body: unknown): Promise<PresenceAnswer> {
    const caller = await userOrUpstream(this.authenticator, bearerToken(authorization));
    const { user_ids: userIds } = readBody(presenceQuerySchema, body, '{"user_ids":["@user:server",…]}');
    const now = this.clock.now();
    const told = [...new Set(userIds)].flatMap((userId) => {
      const state = this.delivery.stateFor(caller?.userId ?? null, userId);
      return state === null ? [] : [[userId, presenceContent(state, now)] as const];
    });
    return { presence: Object.fromEntries(told) };
  }
}
