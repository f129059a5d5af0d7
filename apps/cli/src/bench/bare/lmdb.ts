import type { RootDatabase } from 'lmdb';
import { open } from 'lmdb';
import type { FilledRecord } from '../log-places.ts';
import type { BareClient } from './bare-client.ts';

const BLOCKS_AT_ONCE = 4;
const KEY_BYTES = 8;

/** lmdb-js as it comes: puts and a range of gets, values as bytes, durable like the adapter's. */
export class BareLmdb implements BareClient {
  private readonly database: RootDatabase<Buffer, Buffer>;
  private next = 0;

  constructor(path: string) {
    this.database = open<Buffer, Buffer>({ path, overlappingSync: false, encoding: 'binary', keyEncoding: 'binary' });
  }

  async append(blocks: Iterable<readonly FilledRecord[]>): Promise<void> {
    const underWay: Promise<unknown>[] = [];
    for (const block of blocks) {
      underWay.push(Promise.all(block.map(({ value }) => this.database.put(this.key(), Buffer.from(value)))));
      if (underWay.length === BLOCKS_AT_ONCE) await underWay.shift();
    }
    await Promise.all(underWay);
  }

  read(count: number): Promise<void> {
    let [records, bytes] = [0, 0];
    for (const { value } of this.database.getRange()) {
      records++;
      bytes += value.length;
    }
    if (records !== count || bytes === 0) throw new Error(`Of ${count} records ${records} were read.`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private key(): Buffer {
    const key = Buffer.allocUnsafe(KEY_BYTES);
    key.writeBigUInt64BE(BigInt(this.next++));
    return key;
  }
}
