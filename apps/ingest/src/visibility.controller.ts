import { Body, Controller, Headers, HttpCode, Inject, Param, Put } from '@nestjs/common';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import { badRequest, forbidden } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { EventWriter } from '#service/writing/event-writer';
import { setVisibility } from './visibility.operations.ts';
import { visibilitySchema } from './visibility.schemas.ts';

/** An event takes 64 KiB, and this has to fit in it with the rest. */
const BLOCKED_BYTES_MAX = 60_000;

@Controller('v1/users/:userId/visibility')
export class SetVisibilityController {
  constructor(
    private readonly writer: EventWriter,
    private readonly limits: WriteLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Sets whom the caller lets see it (semantics, section 7). It replaces all that was set before. */
  @Put()
  @Operation(setVisibility)
  @HttpCode(200)
  async put(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Body() body: unknown,
  ): Promise<object> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId !== userId) throw forbidden('One can set one’s own visibility only.');
    this.limits.take(userId);
    const example = '{"show_to":"everyone|contacts|nobody","blocked":["@user:server",…]}';
    const choice = readBody(visibilitySchema, body, example);
    const blocked = [...new Set(choice.blocked)];
    const bytes = Buffer.byteLength(JSON.stringify(blocked));
    if (bytes > BLOCKED_BYTES_MAX) {
      throw badRequest(`The blocked users take ${bytes} bytes, and at most ${BLOCKED_BYTES_MAX} are kept: name fewer.`);
    }
    await this.writer.write([{ type: 'visibility.set', user_id: userId, show_to: choice.show_to, blocked }]);
    return {};
  }
}
