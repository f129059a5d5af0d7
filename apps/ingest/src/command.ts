import type { Command } from 'commander';
import { serviceCommand } from '#service/service-command';

/** `presently ingest`. */
export function ingestCommand(): Command {
  return serviceCommand({
    name: 'ingest',
    description: 'Take events and statuses by HTTP, and write them to the log.',
    modules: async () => {
      const { IngestModule } = await import('./ingest.module.ts');
      return [IngestModule];
    },
  });
}
