import { Controller, Get, Headers, Inject, Param, Query } from '@nestjs/common';
import { id } from '#domain/events';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR } from '#runtime/auth/authenticator';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { selfOrUpstream } from '../explain/self-or-upstream.ts';
import { Histories } from './histories.ts';
import { userHistory } from './history.operations.ts';
import type { HistoryAnswer } from './history.schemas.ts';
import { historyQuerySchema } from './history.schemas.ts';

@Controller('v1/users/:userId/history')
export class HistoryController {
  constructor(
    private readonly histories: Histories,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** What a user was shown as, when, and why: to that user and to upstream services. */
  @Get()
  @Operation(userHistory)
  async get(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Query() query: unknown,
  ): Promise<HistoryAnswer> {
    const caller = await selfOrUpstream(this.authenticator, authorization, userId);
    readBody(id, userId, 'a user id in the path');
    const span = readBody(historyQuerySchema, query, '?from=1349049600000&to=1349053200000');
    return this.histories.of(userId, span, caller === 'upstream');
  }
}
