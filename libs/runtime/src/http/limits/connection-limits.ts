import { spread } from '../../clock/chance.ts';
import { tooMany } from '../matrix-error.ts';
import { addressKey } from './client-address.ts';
import { ConnectionCounts } from './connection-counts.ts';

const RETRY_AFTER_MS = 5_000;

/** How many connections an address can have open: streams, WebSockets, long polls. */
export class ConnectionLimits {
  private readonly counts: ConnectionCounts;

  /** `perAddressMax` 0: no limit. `limited` is called for each connection that is refused. */
  constructor(
    private readonly perAddressMax: number,
    private readonly limited: () => void = () => undefined,
  ) {
    this.counts = new ConnectionCounts(perAddressMax === 0 ? Infinity : perAddressMax);
  }

  /**
   * Counts a connection from the address (`request.ip`, or `clientAddress` of an upgrade), and returns what has to be called
   * when it is closed; more than once does no harm. Throws 429 with Retry-After when the address has too many.
   */
  open(address: string): () => void {
    const close = this.counts.open(addressKey(address));
    if (close !== null) return close;
    this.limited();
    throw tooMany(`An address can have ${this.perAddressMax} connections at a time.`, spread(RETRY_AFTER_MS));
  }
}
