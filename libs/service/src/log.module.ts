import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';

/** Gives the log to all modules. */
@Module({})
export class LogModule {
  static with(log: MessageLog): DynamicModule {
    const providers = [{ provide: MESSAGE_LOG, useValue: log }];
    return { module: LogModule, global: true, providers, exports: providers };
  }
}
