import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { fraction } from '#runtime/clock/chance';
import type { Clock } from '#runtime/clock/clock';
import { CLOCK } from '#runtime/tokens';
import { Delivery } from './delivery.ts';
import { SseSink } from './sse-sink.ts';

@Controller('v1/stream')
export class StreamController {
  constructor(
    private readonly delivery: Delivery,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Server-sent events: `snapshot` pages, then `m.presence` and `forget`. The `id` is the resume token, to be given back
   * as `Last-Event-ID` or `?since=`; when it cannot be used, `reset` comes first, then a snapshot.
   */
  @Get()
  async stream(
    @Headers('authorization') authorization: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query('since') since: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { userId } = await this.authenticator.user(bearerToken(authorization));
    const start = await this.delivery.startOf(userId, lastEventId ?? since ?? null);
    const { raw } = reply;
    if (raw.destroyed) return; // the client left while this node caught up
    let sink: SseSink | null = null;
    const connection = this.delivery.connect(userId, start.since, {
      send: (frame, token) => sink?.send(frame, token) ?? false,
      end: () => sink?.end(),
    });
    reply.hijack();
    sink = new SseSink(raw, this.clock, fraction());
    raw.on('drain', () => connection.drained());
    raw.on('close', () => this.delivery.disconnect(connection));
    if (start.reset !== null) sink.reset(start.reset);
    connection.pump();
  }
}
