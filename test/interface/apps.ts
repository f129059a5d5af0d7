import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Module } from '@nestjs/common';
import { DeliveryModule } from '#delivery/delivery.module';
import { IngestModule } from '#ingest/ingest.module';
import { MemoryLog } from '#message-log/memory/memory-log';
import { ProjectorModule } from '#projector/projector.module';
import { systemClock } from '#runtime/clock/system-clock';
import { readConfig } from '#runtime/config';
import { createHttpApp } from '#runtime/http/http-app';
import { silentLog } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';
import { LogModule } from '#service/log.module';

@Module({})
class RootModule {}

const MODULES = {
  ingest: [IngestModule],
  projector: [ProjectorModule],
  delivery: [DeliveryModule.with(Buffer.alloc(32))],
  standalone: [IngestModule, ProjectorModule, DeliveryModule.with(Buffer.alloc(32))],
};

/** An app as it is, on a log in memory. It is not started. */
export function createApp(name: keyof typeof MODULES): Promise<NestFastifyApplication> {
  const config = readConfig({ PRESENTLY_PORT: '0' });
  const log = new MemoryLog({ logId: 'interface', partitionCount: 1, clock: systemClock });
  const shared = [RuntimeModule.with(config, systemClock, silentLog), LogModule.with(log, null)];
  return createHttpApp({ module: RootModule, imports: [...shared, ...MODULES[name]] }, config, systemClock, silentLog);
}
