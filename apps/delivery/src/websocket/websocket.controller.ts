import { Controller, Get, Header } from '@nestjs/common';
import { MatrixError } from '#runtime/http/matrix-error';

@Controller('v1/ws')
export class WebSocketController {
  /** For a request that asks for no upgrade; those that do never come here. */
  @Get()
  @Header('upgrade', 'websocket')
  get(): never {
    throw new MatrixError(
      426,
      'M_UNRECOGNIZED',
      'This is a WebSocket: send `Connection: Upgrade, Upgrade: websocket`.',
    );
  }
}
