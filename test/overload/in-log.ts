import type { Stage } from './stage.ts';

/** What of the load is in the log. */
export interface InLog {
  /** Numbers of the requests, by their first events. */
  readonly requests: ReadonlySet<number>;
  readonly events: number;
}

/** Reads all events, when the processes have ended. */
export function inLog(stage: Stage): Promise<InLog> {
  return stage.read(async (log) => {
    const requests = new Set<number>();
    let events = 0;
    for (let partition = 0; partition < log.partitionCount; partition++) {
      for await (const { records } of log.read('events', partition, 0)) {
        for (const { value } of records) {
          const text = value?.toString() ?? '';
          if (!text.includes('"device.presence"') || !text.includes(':load"')) continue;
          events++;
          const request = /"request":(\d+)/.exec(text)?.[1];
          if (request !== undefined) requests.add(Number(request));
        }
      }
    }
    return { requests, events };
  });
}
