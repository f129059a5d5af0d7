import { Module } from '@nestjs/common';
import { WriterModule } from '#service/writing/writer.module';
import { EventsController } from './events.controller.ts';
import { SetStatusController } from './status.controller.ts';
import { SetVisibilityController } from './visibility.controller.ts';

/** Takes what upstream services and users say, and writes it to `presence.events`. */
@Module({ imports: [WriterModule], controllers: [EventsController, SetStatusController, SetVisibilityController] })
export class IngestModule {}
