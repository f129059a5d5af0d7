import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogUnavailableError } from '#message-log/errors';
import type { KafkaLogOptions } from '#message-log/kafka/kafka-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { Backoff } from '#runtime/clock/backoff';
import type { Clock } from '#runtime/clock/clock';
import { sleep } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import { createHttpApp, listen, requireFreePort } from '#runtime/http/http-app';
import type { Log } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';
import { FileImages } from './images/file-images.ts';
import { LogModule } from './log.module.ts';
import { WaitingRoom } from './waiting-room.ts';

/** A Nest module of an app, as it is imported. */
export type AppModule = Type | DynamicModule;

/** An app of its own on Kafka. */
export class KafkaService {
  private readonly stopping = new AbortController();
  private starting: Promise<string | null> | null = null;
  private log: KafkaLog | null = null;
  private app: NestFastifyApplication | null = null;

  constructor(
    private readonly name: string,
    private readonly config: Config,
    private readonly kafka: KafkaLogOptions,
    private readonly clock: Clock,
    private readonly logger: Log,
    private readonly modules: readonly AppModule[],
  ) {}

  /**
   * Starts it, and resolves with its address when it serves, with null when it was stopped before. While no broker answers
   * it tries again, alive but not ready. Throws a `ConfigError` or `LogConfigError` with a sentence.
   */
  start(): Promise<string | null> {
    this.starting ??= this.run();
    return this.starting;
  }

  /** Drains: no new work, what was accepted is finished. */
  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.log === null) return; // it only waits, perhaps in the middle of an attempt: nothing is to be finished
    await this.starting?.catch(() => undefined); // whoever started it hears of the error
    await this.app?.close();
    await this.log?.close();
  }

  private async run(): Promise<string | null> {
    const { config, clock, logger } = this;
    await requireFreePort(config);
    this.log = await this.openLog();
    if (this.log === null) return null;
    const { PRESENTLY_IMAGES: directory } = config;
    const images = directory === undefined ? null : new FileImages(directory);
    const modules = [RuntimeModule.with(config, clock, logger), LogModule.with(this.log, images), ...this.modules];
    try {
      this.app = await createHttpApp({ module: RootModule, imports: modules }, config, clock, logger);
      const url = await listen(this.app, config);
      logger.info(`${this.name}.started`, { url, logId: this.log.logId, partitions: this.log.partitionCount });
      return url;
    } catch (error) {
      await this.app?.close();
      await this.log.close();
      throw error;
    }
  }

  /** Null: it was stopped. */
  private async openLog(): Promise<KafkaLog | null> {
    const room = new WaitingRoom(`Kafka at ${this.kafka.brokers.join(', ')} has not answered yet.`);
    const backoff = new Backoff();
    await room.open(this.config);
    try {
      while (!this.stopping.signal.aborted) {
        try {
          return await KafkaLog.open(this.kafka);
        } catch (error) {
          if (!(error instanceof LogUnavailableError)) throw error;
          const retryMs = backoff.next();
          room.waitFor(error.message);
          this.logger.warn('kafka.unavailable', { error: error.message, retryMs });
          await sleep(this.clock, retryMs, this.stopping.signal);
        }
      }
      return null;
    } finally {
      await room.close();
    }
  }
}

@Module({})
class RootModule {}
