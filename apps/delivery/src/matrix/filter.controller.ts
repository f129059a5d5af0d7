import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { forbidden, MatrixError } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { filterId, filterOfId } from './filter.ts';
import { getFilter, uploadFilter } from './matrix.operations.ts';

/** Filters of `/sync`. An id carries its filter, so every node knows it, and none has to keep it. */
@Controller('_matrix/client/v3/user/:userId/filter')
export class FilterController {
  constructor(@Inject(AUTHENTICATOR) private readonly authenticator: Authenticator) {}

  @Post()
  @Operation(uploadFilter)
  @HttpCode(200)
  async upload(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Body() body: unknown,
  ): Promise<{ filter_id: string }> {
    await this.requireOwn(authorization, userId);
    return { filter_id: filterId(body) };
  }

  /** A wildcard, because ids are longer than the parts of a path may be. */
  @Get('*')
  @Operation(getFilter)
  async get(
    @Headers('authorization') authorization: string,
    @Param('userId') userId: string,
    @Param('*') id: string,
  ): Promise<unknown> {
    await this.requireOwn(authorization, userId);
    try {
      return filterOfId(id);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      throw new MatrixError(404, 'M_NOT_FOUND', error.message);
    }
  }

  private async requireOwn(authorization: string, userId: string): Promise<void> {
    const caller = await this.authenticator.user(bearerToken(authorization));
    if (caller.userId !== userId) throw forbidden('A filter is of the user who uploaded it.');
  }
}
