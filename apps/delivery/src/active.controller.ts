import { Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import { Operation } from '#runtime/http/openapi/operation';
import { sayActive } from './active.operations.ts';
import { DeviceConnections } from './devices/device-connections.ts';

@Controller('v1/active')
export class ActiveController {
  constructor(
    private readonly devices: DeviceConnections,
    private readonly limits: WriteLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** The caller has done something: what `{"type":"active"}` is on a WebSocket, for clients of `/v1/stream`. */
  @Post()
  @Operation(sayActive)
  @HttpCode(200)
  async say(@Headers('authorization') authorization: string): Promise<object> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    this.limits.take(caller.userId);
    this.devices.active(caller);
    return {};
  }
}
