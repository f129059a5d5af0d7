import { Controller, Get, Headers, Inject, Param } from '@nestjs/common';
import type { PresenceContent } from '#domain/m-presence';
import { presenceContent } from '#domain/m-presence';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import type { Clock } from '#runtime/clock/clock';
import { forbidden } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { CLOCK } from '#runtime/tokens';
import { Delivery } from './delivery.ts';
import { getStatus } from './status.operations.ts';

@Controller('_matrix/client/v3/presence/:userId/status')
export class GetStatusController {
  constructor(
    private readonly delivery: Delivery,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A user's presence (Matrix client-server API), for those who may see it; the same 403 for all others, and for nobody. */
  @Get()
  @Operation(getStatus)
  async get(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
  ): Promise<PresenceContent> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId === userId) await this.delivery.upToDate([userId]); // who has set a status reads it back
    const state = this.delivery.status(caller.userId, userId);
    if (state === null) throw forbidden('You share no room with this user, and do not follow them.');
    return presenceContent(state, this.clock.now());
  }
}
