/** What is mended in kafkajs (`kafkajs-repairs.ts`), as far as it is used there. */

declare module 'kafkajs/src/network/connection.js' {
  export default class Connection {
    connect: (this: Connection) => Promise<unknown>;
    isConnected(): boolean;
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    checkPendingRequests(): void;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}

declare module 'kafkajs/src/consumer/runner.js' {
  import type { Batch } from 'kafkajs';

  export default class Runner {
    readonly running: boolean;
    constructor(options: object);
    start(): Promise<void>;
    stop(): Promise<void>;
    fetch: (this: Runner, nodeId: string) => Promise<Batch[]>;
  }
}
