import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { MPresenceEvent } from '#domain/m-presence';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import type { Clock } from '#runtime/clock/clock';
import { WriteLimits } from '#runtime/http/limits/write-limits';
import { forbidden } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { CLOCK } from '#runtime/tokens';
import { changeList, getList } from './list.operations.ts';
import type { Invitations } from './list.schemas.ts';
import { listChangeSchema, listQuerySchema } from './list.schemas.ts';
import { PresenceLists } from './presence-lists.ts';

@Controller('_matrix/client/v3/presence/list/:userId')
export class ListController {
  constructor(
    private readonly lists: PresenceLists,
    private readonly limits: WriteLimits,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Invites and drops users, and accepts and denies those who have invited the caller: all of it, or nothing. */
  @Post()
  @Operation(changeList)
  @HttpCode(200)
  async change(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Body() body: unknown,
  ): Promise<object> {
    await this.requireOwn(authorization, userId);
    this.limits.take(userId);
    const change = readBody(listChangeSchema, body, '{"invite":[…],"drop":[…],"accept":[…],"deny":[…]}');
    await this.lists.change(userId, change);
    return {};
  }

  /** Those whom the caller follows, as `m.presence` events; or with `?pending=true` the invitations without consent. */
  @Get()
  @Operation(getList)
  async list(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Query() query: unknown,
  ): Promise<MPresenceEvent[] | Invitations> {
    await this.requireOwn(authorization, userId);
    const { pending } = readBody(listQuerySchema, query, '?pending=true');
    return pending === 'true' ? this.lists.invitations(userId) : this.lists.followed(userId, this.clock.now());
  }

  private async requireOwn(authorization: string, userId: string): Promise<void> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId !== userId) throw forbidden('A presence list is its owner’s alone.');
  }
}
