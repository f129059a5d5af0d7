import { Controller, Get, Headers, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { spread } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { Endless } from '#runtime/http/edge/known-routes';
import { ConnectionLimits } from '#runtime/http/limits/connection-limits';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { CLOCK } from '#runtime/tokens';
import { Delivery } from './delivery.ts';
import { DeviceConnections } from './devices/device-connections.ts';
import { COME_BACK_MS } from './come-back.ts';
import { SseSink } from './sse-sink.ts';
import { streamPresence } from './stream.operations.ts';
import { streamQuery } from './stream.schemas.ts';

@Controller('v1/stream')
export class StreamController {
  constructor(
    private readonly delivery: Delivery,
    private readonly devices: DeviceConnections,
    private readonly limits: ConnectionLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Server-sent events: `snapshot` pages, then `m.presence`, `forget`, and the rest of `Frame`. The `id` is the resume token,
   * to be given back as `Last-Event-ID` or `?since=`; when it cannot be used, `reset` comes first, then a snapshot.
   */
  @Get()
  @Operation(streamPresence)
  @Endless()
  async stream(
    @Headers('authorization') authorization: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const token = bearerToken(authorization);
    const caller = await this.authenticator.user(token);
    const { since, set_presence: setPresence } = readBody(streamQuery, query, '?since=TOKEN&set_presence=online');
    const start = await this.delivery.startOf(caller.userId, lastEventId ?? since ?? null);
    const { raw } = reply;
    if (raw.destroyed) return; // the client left while this node caught up
    const closing: (() => void)[] = [];
    const close = (): void => closing.splice(0).forEach((end) => end());
    let sink: SseSink | null = null;
    try {
      closing.push(this.limits.open(request.ip));
      const connection = this.delivery.connect(caller.userId, start.since, {
        send: (frames, token) => sink?.send(frames, token) ?? false,
        end: () => sink?.end(),
      });
      closing.push(() => this.delivery.disconnect(connection));
      // Who comes back hears why.
      closing.push(this.authenticator.whenRefused(token, caller, close));
      const device = this.devices.open(caller, setPresence);
      closing.push(() => device.close());
      reply.hijack();
      sink = new SseSink(raw, this.clock, spread(COME_BACK_MS));
      raw.on('drain', () => connection.drained());
      raw.on('close', close);
      if (start.reset !== null) sink.reset(start.reset);
      connection.pump();
    } catch (error) {
      close();
      throw error;
    }
  }
}
