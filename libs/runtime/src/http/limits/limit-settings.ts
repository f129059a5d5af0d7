import { z } from 'zod';
import { integer, list } from '../../setting-schemas.ts';
import { trustProxy } from './client-address.ts';

const PROXIES_MAX = 10;
const PROXIES = 'takes the number of proxies, or their addresses, as 10.0.0.0/8,loopback';
const proxies = z.union([integer.nonnegative().max(PROXIES_MAX), list.refine(areAddresses, PROXIES)], PROXIES);

/** Limits on callers, by environment variable. The README's table says the same. */
export const limitSettings = {
  PRESENTLY_USER_WRITES_PER_S: z.coerce
    .number()
    .nonnegative()
    .default(10)
    .describe('How often a user can write, on average; five times as much at once. 0: no limit.'),
  PRESENTLY_CONNECTIONS_PER_ADDRESS_MAX: integer
    .nonnegative()
    .default(1_000)
    .describe('Streams, WebSockets and long polls of one address. 0: no limit.'),
  PRESENTLY_REFUSED_TOKENS_PER_S: z.coerce
    .number()
    .nonnegative()
    .default(1)
    .describe(
      'How many bad tokens an address can try, on average; 60 times as many at once. 0: no limit. Not in `dev`.',
    ),
  PRESENTLY_TRUST_PROXY: proxies.optional().meta({
    description:
      'Proxies in front, whose `X-Forwarded-For` is believed: how many, or their addresses and networks, comma-separated.',
    absent: 'none',
  }),
};

function areAddresses(addresses: readonly string[]): boolean {
  try {
    trustProxy(addresses);
    return addresses.length > 0;
  } catch {
    return false;
  }
}
