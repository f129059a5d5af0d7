import 'reflect-metadata';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { IngestModule } from '#ingest/ingest.module';
import type { MessageLog } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import type { Config } from '#runtime/config';
import { createHttpApp, listen } from '#runtime/http/http-app';
import type { Log } from '#runtime/log';
import { pinoLog } from '#runtime/log';
import { stopOnSignal } from '#runtime/process';
import { RuntimeModule } from '#runtime/runtime.module';
import { LogModule } from '#service/log.module';
import { logPlace, openForWriting } from '../../open-log.ts';

/** Ingest without the rest of `standalone`, on the embedded log: what is compared with a bare route shall do the same. */
@Module({})
class LoneIngestModule {
  static with(config: Config, logger: Log, log: MessageLog): DynamicModule {
    const imports = [RuntimeModule.with(config, systemClock, logger), LogModule.with(log, null), IngestModule];
    return { module: LoneIngestModule, imports };
  }
}

const place = logPlace(process.argv[2]);
const config = { ...place.config, PRESENTLY_PORT: 0 };
const logger = pinoLog('error');
const log = await openForWriting(place);
const app = await createHttpApp(LoneIngestModule.with(config, logger, log), config, systemClock, logger);
const stop = async (): Promise<void> => {
  await app.close();
  await log.close();
};
stopOnSignal(stop, systemClock, logger);
process.stdout.write(`Ingest listens on ${await listen(app, config)}\n`);
