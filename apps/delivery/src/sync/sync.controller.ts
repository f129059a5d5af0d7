import { Controller, Get, Headers, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken, msUntilExpiry } from '#runtime/auth/authenticator';
import type { Clock } from '#runtime/clock/clock';
import { ConnectionLimits } from '#runtime/http/limits/connection-limits';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { CLOCK } from '#runtime/tokens';
import { Delivery } from '../delivery.ts';
import { DeviceConnections } from '../devices/device-connections.ts';
import { NO_FILTER, parseFilter, passes } from '../matrix/filter.ts';
import { sync } from './sync.operations.ts';
import { syncEvents } from './sync-events.ts';
import type { SyncAnswer } from './sync.schemas.ts';
import { syncQuery } from './sync.schemas.ts';

/** A first answer has no more users; the client goes on with its token. */
const USERS_MAX = 5_000;

@Controller('_matrix/client/v3/sync')
export class SyncController {
  constructor(
    private readonly delivery: Delivery,
    private readonly devices: DeviceConnections,
    private readonly limits: ConnectionLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The presence part of a Matrix sync: what is new since `since`, waiting for it up to `timeout`. A token that cannot be
   * used is no error, because clients would come back with it for ever: they are told of everybody.
   */
  @Get()
  @Operation(sync)
  async sync(
    @Headers('authorization') authorization: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SyncAnswer | undefined> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    const asked = readBody(syncQuery, query, '?since=TOKEN&timeout=MS&set_presence=online&full_state=false&filter=ID');
    const filter = asked.filter === undefined ? NO_FILTER : parseFilter(asked.filter);
    const { since, reset } = await this.delivery.startOf(caller.userId, asked.since ?? null);
    if (reply.raw.destroyed) return undefined; // the client left meanwhile, and nobody would end its poll
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const closeAddress = this.limits.open(request.ip);
    try {
      const endPoll = this.devices.poll(caller, asked.set_presence);
      try {
        const answer = await this.delivery.poll(
          caller.userId,
          {
            since,
            tellAll: reset !== null || (asked.full_state && since !== null),
            snapshotUsersMax: Math.min(USERS_MAX, filter.limit ?? USERS_MAX),
            timeoutMs: Math.min(asked.timeout, msUntilExpiry(caller, this.clock.now())),
            items: (frames) => syncEvents(frames).filter((event) => passes(filter, event)),
          },
          left.signal,
        );
        return { next_batch: answer.token, presence: { events: answer.items } };
      } finally {
        endPoll();
      }
    } finally {
      closeAddress();
    }
  }
}
