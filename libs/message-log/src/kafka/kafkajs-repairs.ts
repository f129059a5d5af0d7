import type kafkajs from 'kafkajs';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import Runner from 'kafkajs/src/consumer/runner.js';

/**
 * Faults of kafkajs that cannot be got around from outside, mended in place. It is frozen (2.2.4), so what is mended here stays
 * as it is; `test/kafka/repairs.test.ts` fails without each of them.
 */

/** What a response is preceded by: its length. */
const LENGTH_BYTES = 4;

const connecting = new WeakMap<Connection, Promise<unknown>>();
const { connect } = Connection.prototype;

/**
 * A connection keeps the beginning of a response that was cut off, and takes what comes on its next socket for the rest: from
 * then on all that it reads is garbage. And two who ask for it at once get two sockets that feed the same buffer.
 */
Connection.prototype.connect = function (this: Connection): Promise<unknown> {
  let ongoing = connecting.get(this);
  if (ongoing === undefined) {
    if (!this.isConnected()) Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES });
    ongoing = connect.call(this).finally(() => connecting.delete(this));
    connecting.set(this, ongoing);
  }
  return ongoing;
};

const { scheduleCheckPendingRequests } = RequestQueue.prototype;

/** A queue that has nothing to send looks again every millisecond, on every connection and for ever. */
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};

const { fetch } = Runner.prototype;

/**
 * A consumer that is stopped just when a broker comes or goes begins to fetch once more, gets nothing because it is stopped, and
 * asks again at once, for ever: the process does nothing else any more. Failing ends that loop, and the stop goes on.
 */
Runner.prototype.fetch = async function (this: Runner, nodeId: string): Promise<kafkajs.Batch[]> {
  if (!this.running) throw new Error('The consumer was stopped.');
  return fetch.call(this, nodeId);
};
