import { Body, Controller, Headers, HttpCode, Inject, Param, Put } from '@nestjs/common';
import { z } from 'zod';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { badRequest, forbidden } from '#runtime/http/matrix-error';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import { EventWriter } from '#service/writing/event-writer';

const body = z.object({ presence: z.enum(['online', 'unavailable', 'offline']), status_msg: z.string().nullish() });

@Controller('_matrix/client/v3/presence/:userId/status')
export class SetStatusController {
  constructor(
    private readonly writer: EventWriter,
    private readonly limits: WriteLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Sets the caller's own presence and status (Matrix client-server API). An absent `status_msg` clears it, as Synapse does. */
  @Put()
  @HttpCode(200)
  async put(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Body() content: unknown,
  ): Promise<object> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId !== userId) throw forbidden('One can set one’s own presence only.');
    this.limits.take(userId);
    const parsed = body.safeParse(content);
    if (!parsed.success) {
      const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
      throw badRequest(`Send {"presence":"online|unavailable|offline","status_msg":"…"}: ${faults}`);
    }
    const { presence, status_msg } = parsed.data;
    const device = caller.deviceId === null ? {} : { device_id: caller.deviceId };
    await this.writer.write([
      { type: 'status.set', user_id: userId, ...device, presence, status_msg: status_msg ?? null },
    ]);
    return {};
  }
}
