import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { id } from '#domain/events';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { LargeBody } from '#runtime/http/edge/large-body';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { getMembers, setMembers } from './members.operations.ts';
import type { MembersChanged, MembersPage } from './members.schemas.ts';
import { membersQuerySchema, membersSchema } from './members.schemas.ts';
import { RoomMembers } from './room-members.ts';

@Controller('v1/rooms/:roomId/members')
export class MembersController {
  constructor(
    private readonly members: RoomMembers,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Who is in a room, in pages. A room that was never heard of has nobody in it. */
  @Get()
  @Operation(getMembers)
  async get(
    @Headers('authorization') authorization: string,
    @Param('roomId') roomId: string,
    @Query() query: unknown,
  ): Promise<MembersPage> {
    await this.authenticator.upstream(bearerToken(authorization));
    readBody(id, roomId, 'a room id in the path');
    return this.members.page(roomId, readBody(membersQuerySchema, query, '?from=USER&limit=NUMBER'));
  }

  /** Takes the full list of a room's members, and writes the joins and leaves that were lost. */
  @Put()
  @Operation(setMembers)
  @LargeBody()
  @HttpCode(200)
  async put(
    @Headers('authorization') authorization: string,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ): Promise<MembersChanged> {
    await this.authenticator.upstream(bearerToken(authorization));
    readBody(id, roomId, 'a room id in the path');
    return this.members.set(roomId, readBody(membersSchema, body, '{"members":["@user:server",…]}').members);
  }
}
