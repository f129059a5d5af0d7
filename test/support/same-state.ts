import type { PublicJson, StateRecord } from '#domain/state-records';
import type { MessageLog } from '#message-log/message-log';
import { readAll } from '../contract/reading.ts';
import type { ReplayLine } from './cli.ts';
import { parseLines, presently } from './cli.ts';

/** All of an announcement but its position, which a file and a log of several partitions count differently. */
const withoutPosition = ({ cause, ...line }: ReplayLine): object => ({
  ...line,
  cause: { type: cause.type, device_id: cause.device_id },
});

/** The four values that others may see, and no others. */
const publicOf = ({ presence, currently_active, last_active_ts, status_msg }: PublicJson): PublicJson => ({
  presence,
  currently_active,
  last_active_ts,
  status_msg,
});

/** The users of the state topic, by id. */
async function statesOf(log: MessageLog): Promise<Map<string, PublicJson>> {
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
async function endOf(log: MessageLog): Promise<number> {
  let end = 0;
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    const [last] = await readAll(log, 'events', partition, next - 1);
    end = Math.max(end, last?.timestamp ?? 0);
  }
  return end;
}

const replays = new Map<string, Promise<string>>();

/** What a replay of the file prints: asked of the command once, however many logs are compared with it. */
function replayOf(file: string, ...options: readonly string[]): Promise<string> {
  const key = [file, ...options].join(' ');
  const known = replays.get(key) ?? presently('replay', file, ...options);
  replays.set(key, known);
  return known;
}

/** Checks that a log has the announcements (`replayed`, as `presently replay --log` prints them) and final states of a file. */
export async function expectSameAsFile(file: string, replayed: string, log: MessageLog): Promise<void> {
  const fromFile = parseLines<ReplayLine>(await replayOf(file)).map(withoutPosition);
  const fromLog = parseLines<ReplayLine>(replayed).map(withoutPosition);
  expect(fromLog.length).toBe(fromFile.length);
  expect(fromLog.findIndex((line, index) => JSON.stringify(line) !== JSON.stringify(fromFile[index]))).toBe(-1);

  const [end, states] = [await endOf(log), await statesOf(log)];
  const expected = parseLines<PublicJson & { user_id: string }>(await replayOf(file, '--at', String(end)));
  expect(states.size).toBe(expected.length);
  const differing = expected.filter(
    (line) => JSON.stringify(states.get(line.user_id)) !== JSON.stringify(publicOf(line)),
  );
  expect(differing).toEqual([]);
}
