import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventWriter } from '#service/writing/event-writer';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { writeGenesis } from '#message-log/genesis';
import type { MessageLog } from '#message-log/message-log';
import type { Clock } from '#runtime/clock/clock';
import type { Config } from '#runtime/config';
import { createHttpApp, listen, requireFreePort } from '#runtime/http/http-app';
import type { Log } from '#runtime/log';
import { newLogPolicy } from '#runtime/policy-config';
import { Demo } from './demo/demo.ts';
import { VIEWER } from './demo/names.ts';
import { StandaloneModule } from './standalone.module.ts';
import { tokenKey } from './token-key-file.ts';

/** A running standalone service. */
export interface Standalone {
  readonly url: string;
  readonly log: MessageLog;
  /** Drains: no new work, what was accepted is finished, clients are told to come back. */
  stop(): Promise<void>;
}

/** Starts everything in one process on the embedded log. Throws a `ConfigError` or `LogConfigError` with a sentence. */
export async function startStandalone(
  config: Config,
  clock: Clock,
  logger: Log,
  options: { demo: boolean } = { demo: false },
): Promise<Standalone> {
  const directory = config.PRESENTLY_DATA;
  const policy = newLogPolicy(config);
  await requireFreePort(config);
  const log = LmdbLog.open({ directory, clock, partitionCount: config.PRESENTLY_PARTITIONS });
  let app: NestFastifyApplication | null = null;
  let demo: Demo | null = null;
  const stop = async (): Promise<void> => {
    await demo?.stop();
    await app?.close();
    await log.close();
  };
  try {
    await writeGenesis(log, policy);
    const signInAs = options.demo && config.PRESENTLY_AUTH === 'dev' ? `${VIEWER}/CONSOLE` : null;
    const module = StandaloneModule.with(config, clock, logger, log, tokenKey(config, directory), signInAs);
    app = await createHttpApp(module, config, clock, logger);
    const url = await listen(app, config);
    if (options.demo) {
      demo = new Demo(app.get(EventWriter), clock, logger, config.PRESENTLY_DEMO_USERS);
      demo.start();
    }
    logger.info('standalone.started', { url, data: directory, logId: log.logId });
    return { url, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
