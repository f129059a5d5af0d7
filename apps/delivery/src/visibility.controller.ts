import { Controller, Get, Headers, Inject, Param } from '@nestjs/common';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { forbidden } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { Delivery } from './delivery.ts';
import { getVisibility } from './visibility.operations.ts';
import type { Visibility } from './visibility.schemas.ts';

@Controller('v1/users/:userId/visibility')
export class GetVisibilityController {
  constructor(
    private readonly delivery: Delivery,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /**
   * Whom the caller lets see it. As of now, or 503: who adds to an older answer, and sets the whole again, would take back
   * what was set in between.
   */
  @Get()
  @Operation(getVisibility)
  async get(@Headers('authorization') authorization: string, @Param('userId') userId: string): Promise<Visibility> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId !== userId) throw forbidden('Whom a user lets see them is told to nobody else.');
    const { showTo, blocked } = (await this.delivery.upToDate([userId])).choiceOf(userId);
    return { show_to: showTo, blocked: [...blocked] };
  }
}
