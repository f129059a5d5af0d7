import { Controller, Get, Header, Query } from '@nestjs/common';
import { MatrixError } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { readBody } from '#runtime/http/read-body';
import { streamQuery } from '../stream.schemas.ts';
import { openWebSocket } from './websocket.operations.ts';

@Controller('v1/ws')
export class WebSocketController {
  /** For a request that asks for no upgrade; those that do never come here. */
  @Get()
  @Operation(openWebSocket)
  @Header('upgrade', 'websocket')
  get(@Query() query: unknown): never {
    readBody(streamQuery, query, '?since=TOKEN&set_presence=online');
    throw new MatrixError(
      426,
      'M_UNRECOGNIZED',
      'This is a WebSocket: send `Connection: Upgrade, Upgrade: websocket`.',
    );
  }
}
