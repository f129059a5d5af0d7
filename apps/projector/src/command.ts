import type { Command } from 'commander';
import { serviceCommand } from '#service/service-command';

/** `presently projector`. */
export function projectorCommand(): Command {
  return serviceCommand({
    name: 'projector',
    description: 'Fold the events into presence: any number of these share the partitions.',
    modules: async () => {
      const { ProjectorModule } = await import('./projector.module.ts');
      return [ProjectorModule];
    },
  });
}
