import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { systemClock } from '#runtime/clock/system-clock';
import { presentlyIn } from '../support/cli.ts';
import { startStandalone } from '../support/standalone.ts';
import type { Stage } from './stage.ts';
import { endAll, SETTINGS } from './stage.ts';

/** One process with the embedded log. */
export async function lmdbStage(directory: string, settings: Record<string, string> = {}): Promise<Stage> {
  const env = { ...SETTINGS, ...settings };
  const server = await startStandalone(directory, { env });
  return {
    ingest: server,
    projector: server,
    delivery: server,
    processes: { standalone: server },
    end: () => endAll([server]),
    async read(use) {
      const log = LmdbLog.open({ directory, clock: systemClock, readOnly: true });
      try {
        return await use(log);
      } finally {
        await log.close();
      }
    },
    verify: () => presentlyIn(env, 'verify', '--data', directory, '--url', server.url, '--token', 'dev-upstream'),
    dispose: async () => void (await server.process.kill('SIGKILL')),
  };
}
