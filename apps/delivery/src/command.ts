import type { Command } from 'commander';
import { ConfigError } from '#runtime/config';
import { serviceCommand } from '#service/service-command';

/** `presently delivery`. */
export function deliveryCommand(): Command {
  return serviceCommand({
    name: 'delivery',
    description: 'Tell subscribers: any number of these, each with all of the state.',
    modules: async ({ PRESENTLY_TOKEN_KEY: tokenKey }) => {
      if (tokenKey === undefined) {
        throw new ConfigError(
          'PRESENTLY_TOKEN_KEY is not set. All delivery nodes need the same one, so that a client can resume on any: ' +
            '64 hexadecimal digits, as `openssl rand -hex 32` prints them.',
        );
      }
      const { DeliveryModule } = await import('./delivery.module.ts');
      return [DeliveryModule.with(Buffer.from(tokenKey, 'hex'))];
    },
  });
}
