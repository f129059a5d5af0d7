import { Module } from '@nestjs/common';
import type { MessageLog } from '#message-log/message-log';
import { MESSAGE_LOG } from '#message-log/token';
import { EventWriter } from './event-writer.ts';
import { EventsController } from './events.controller.ts';
import { SetStatusController } from './status.controller.ts';

/** Takes what upstream services and users say, and writes it to `presence.events`. */
@Module({
  controllers: [EventsController, SetStatusController],
  providers: [{ provide: EventWriter, useFactory: (log: MessageLog) => new EventWriter(log), inject: [MESSAGE_LOG] }],
})
export class IngestModule {}
