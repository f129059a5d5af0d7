import type { PublicJson, StateRecord } from '#domain/state-records';
import type { MessageLog } from '#message-log/message-log';
import { readAll } from '../contract/reading.ts';
import type { ReplayLine } from './cli.ts';

/** All of an announcement but its position, which a file and a log of several partitions count differently. */
export const withoutPosition = ({ cause, ...line }: ReplayLine): object => ({
  ...line,
  cause: { type: cause.type, device_id: cause.device_id },
});

/** The four values that others may see, and no others. */
export const publicOf = ({ presence, currently_active, last_active_ts, status_msg }: PublicJson): PublicJson => ({
  presence,
  currently_active,
  last_active_ts,
  status_msg,
});

/** The users of the state topic, by id. */
export async function statesOf(log: MessageLog): Promise<Map<string, PublicJson>> {
  const states = new Map<string, PublicJson>();
  for (let partition = 0; partition < log.partitionCount; partition++) {
    for (const { value } of await readAll(log, 'state', partition)) {
      const record = JSON.parse(value?.toString() ?? '{}') as StateRecord;
      if (record.kind === 'user') states.set(record.user_id, publicOf(record));
    }
  }
  return states;
}

/** Time of the last event, milliseconds. */
export async function endOf(log: MessageLog): Promise<number> {
  let end = 0;
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    const [last] = await readAll(log, 'events', partition, next - 1);
    end = Math.max(end, last?.timestamp ?? 0);
  }
  return end;
}
