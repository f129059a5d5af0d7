import { Body, Controller, Headers, HttpCode, Inject, Param, Put } from '@nestjs/common';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { forbidden } from '#runtime/http/matrix-error';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { EventWriter } from '#service/writing/event-writer';
import { setStatus } from './status.operations.ts';
import { statusSchema } from './status.schemas.ts';

@Controller('_matrix/client/v3/presence/:userId/status')
export class SetStatusController {
  constructor(
    private readonly writer: EventWriter,
    private readonly limits: WriteLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Sets the caller's own presence and status (Matrix client-server API). An absent `status_msg` clears it, as Synapse does. */
  @Put()
  @Operation(setStatus)
  @HttpCode(200)
  async put(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Body() content: unknown,
  ): Promise<object> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId !== userId) throw forbidden('One can set one’s own presence only.');
    this.limits.take(userId);
    const example = '{"presence":"online|unavailable|offline","status_msg":"…"}';
    const { presence, status_msg } = readBody(statusSchema, content, example);
    const device = caller.deviceId === null ? {} : { device_id: caller.deviceId };
    await this.writer.write([
      { type: 'status.set', user_id: userId, ...device, presence, status_msg: status_msg ?? null },
    ]);
    return {};
  }
}
