import { Controller, Get, Headers, Inject, Param, Query } from '@nestjs/common';
import { id } from '#domain/events';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR } from '#runtime/auth/authenticator';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { explainUser } from './explain.operations.ts';
import type { ExplainAnswer } from './explain.schemas.ts';
import { explainQuerySchema } from './explain.schemas.ts';
import { Explanations } from './explanations.ts';
import { selfOrUpstream } from './self-or-upstream.ts';

@Controller('v1/users/:userId/explain')
export class ExplainController {
  constructor(
    private readonly explanations: Explanations,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Why a user is shown as they are: to that user and to upstream services. */
  @Get()
  @Operation(explainUser)
  async get(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Query() query: unknown,
  ): Promise<ExplainAnswer> {
    const isUpstream = (await selfOrUpstream(this.authenticator, authorization, userId)) === 'upstream';
    readBody(id, userId, 'a user id in the path');
    const { watcher } = readBody(explainQuerySchema, query, '?watcher=@user:server');
    const explanation = await this.explanations.of(userId);
    return {
      ...explanation,
      log: isUpstream ? explanation.log : null, // as tokens are sealed: offsets move with what others in the partition do
      ...(watcher === undefined ? {} : { watcher: await this.explanations.watcher(userId, watcher, isUpstream) }),
    };
  }
}
