import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Config } from '#runtime/config';
import { MatrixError } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { CONFIG } from '#runtime/tokens';
import type { ConsoleFiles } from './console-files.ts';
import { builtConsole, readConsole } from './console-files.ts';
import { getConsole, getConsoleAsset } from './console.operations.ts';
import { CONSOLE_HEADERS, NOT_BUILT_PAGE, toldPage } from './page.ts';

/** Injection token: the directory of the built console; null: there is none. */
export const CONSOLE_DIRECTORY = Symbol('CONSOLE_DIRECTORY');
/** Injection token: the user's token with which the console signs in by itself; null: it asks. */
export const CONSOLE_SIGN_IN = Symbol('CONSOLE_SIGN_IN');

export const consoleDirectoryProvider = { provide: CONSOLE_DIRECTORY, useFactory: builtConsole };

/** Gives browsers the web console. The names of its files change with what is in them, so only the page is asked for anew. */
@Controller()
export class ConsoleController {
  private readonly files: ConsoleFiles | null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CONSOLE_DIRECTORY) directory: string | null,
    @Inject(CONSOLE_SIGN_IN) private readonly signInAs: string | null,
  ) {
    this.files = directory === null ? null : readConsole(directory);
  }

  @Get()
  @Operation(getConsole)
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    reply.headers({ ...CONSOLE_HEADERS, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    return this.files === null ? NOT_BUILT_PAGE : toldPage(this.files.page, this.config.PRESENTLY_AUTH, this.signInAs);
  }

  @Get('assets/:file')
  @Operation(getConsoleAsset)
  asset(@Param('file') file: string, @Res({ passthrough: true }) reply: FastifyReply): Buffer {
    const asset = this.files?.assets.get(file);
    if (asset === undefined)
      throw new MatrixError(404, 'M_NOT_FOUND', 'The console has no such file: load the page anew.');
    reply.headers({
      ...CONSOLE_HEADERS,
      'content-type': asset.contentType,
      'cache-control': 'public, max-age=31536000, immutable',
    });
    return asset.body;
  }
}
