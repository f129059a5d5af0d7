import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { SnapshotStore } from '#cli/snapshots/snapshot-store';
import { recordKey } from '#message-log/lmdb/encoding';
import { LmdbLog } from '#message-log/lmdb/lmdb-log';
import { openLogFile } from '#message-log/lmdb/log-file';
import type { MessageLog } from '#message-log/message-log';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { systemClock } from '#runtime/clock/system-clock';
import { deleteRecords } from '../support/kafka/delete-records.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';
import type { Place } from './place.ts';
import { ask, eventFile, importInto } from './place.ts';

jest.setTimeout(60_000);

/** Where the events of a partition begin, when what came before was deleted. */
interface Beginning {
  readonly partition: number;
  readonly offset: number;
}

let directory = '';
let file: Place;
let to = 0;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'presently-retention-'));
  const made = eventFile(directory);
  file = { args: [made.path], env: {} };
  ({ to } = made);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The middle one of each partition's snapshots, and the time from which on all partitions have one that is no earlier. */
function middleOf(log: MessageLog, snapshots: string): { beginnings: Beginning[]; t: number } {
  const places = Array.from({ length: log.partitionCount }, (_, partition) => {
    const all = new SnapshotStore(snapshots, `log-${log.logId}-${partition}`).places();
    const middle = all[all.length >> 1];
    if (middle === undefined || all.length < 3) throw new Error(`Partition ${partition} has ${all.length} snapshots.`);
    return { partition, ...middle };
  });
  return { beginnings: places, t: Math.max(...places.map(({ t }) => t)) };
}

/** Once the beginning of the log is gone, its snapshots answer as the whole file, and nothing else gives a wrong answer. */
async function expectToOutlive(
  log: Place,
  open: () => Promise<MessageLog>,
  forget: (beginnings: readonly Beginning[]) => Promise<void>,
): Promise<void> {
  const snapshots = mkdtempSync(join(directory, 'snapshots-'));
  await ask(log, directory, 'snapshot', '--every', '100', '--snapshots', snapshots);
  const opened = await open();
  const { beginnings, t } = middleOf(opened, snapshots);
  await opened.close();
  await forget(beginnings);

  for (const at of [t, t + 1, Math.floor((t + to) / 2), to, to + 3_600_000].map(String)) {
    const expected = await ask(file, directory, 'replay', '--at', at);
    expect(expected.length).toBeGreaterThan(1_000);
    expect(await ask(log, directory, 'replay', '--at', at, '--snapshots', snapshots)).toBe(expected);
  }
  const from = [
    'replay',
    '--format',
    'csv',
    '--from',
    String(t + 1),
    '--sql',
    'SELECT ts, user_id, presence FROM result',
  ];
  expect(await ask(log, directory, ...from, '--snapshots', snapshots)).toBe(await ask(file, directory, ...from));
  // It goes on from the last one, and has nothing to add.
  const again = await ask(log, directory, 'snapshot', '--snapshots', snapshots);
  expect(again).toMatch(/^Wrote 0 snapshots/);

  const gone = /^Partition \d of the events begins at offset \d+: what came before was deleted\. [A-Z].*\.$/;
  const refused = [
    ['replay'],
    ['replay', '--at', String(to)],
    ['replay', '--at', String(beginnings[0]?.offset), '--snapshots', snapshots],
    ['history', '@ada:demo'],
    ['stats'],
    ['whatif', '--idle-after', '600000'],
    ['explain', '@ada:demo'],
    ['snapshot', '--snapshots', join(directory, 'none')],
  ];
  for (const command of refused) {
    await expect(ask(log, directory, ...command)).rejects.toMatchObject({
      name: 'CommandError',
      message: expect.stringMatching(gone) as string,
    });
  }
}

test('an embedded log whose beginning was removed', async () => {
  const log = await importInto(directory, file.args[0] ?? '');
  const data = log.args.at(-1) ?? '';
  const open = (): MessageLog => LmdbLog.open({ directory: data, clock: systemClock, readOnly: true });
  await expectToOutlive(
    log,
    () => Promise.resolve(open()),
    async (beginnings) => {
      const { records, root } = openLogFile(data, { partitionCount: undefined, kind: 'archive' });
      await root.transaction(() => {
        for (const { partition, offset } of beginnings) {
          for (let gone = 0; gone < offset; gone++) records.removeSync(recordKey('events', partition, gone));
        }
      });
      await root.close();
    },
  );
});

describeKafka('on Kafka', (connection) => {
  test('a log whose beginning was deleted', async () => {
    const prefix = freshPrefix();
    const log = await importInto(directory, file.args[0] ?? '', {
      KAFKA_BROKERS: connection().brokers.join(','),
      PRESENTLY_TOPIC_PREFIX: prefix,
    });
    await expectToOutlive(
      log,
      () => KafkaLog.open({ ...connection(), clientId: 'test', prefix, clock: systemClock }),
      (beginnings) => deleteRecords(connection(), `${prefix}events`, beginnings),
    );
  });
});
