import { Histories } from '#delivery/history/histories';
import { createKafkaLog } from '#message-log/kafka/create-log';
import { systemClock } from '#runtime/clock/system-clock';
import { ME, Stage } from '../../apps/delivery/test/explain/stage.ts';
import { says } from '../../apps/delivery/test/folded-hub.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';

describeKafka('a delivery node on Kafka', (connection) => {
  test('reads the topics to say why a user is shown so, and was, also of a change the moment before', async () => {
    const log = await createKafkaLog({
      ...connection(),
      clientId: 'test',
      prefix: freshPrefix(),
      clock: systemClock,
      partitionCount: 1,
      replicationFactor: -1,
      kind: 'live',
      retentionMs: -1,
    });
    const stage = await Stage.start(log, systemClock);
    const said = await stage.explanations.of(ME);
    expect(said).toEqual(stage.byFold());
    expect(said).toMatchObject({ rule: { name: 'set_unavailable' }, devices: [{ held_by: 'source' }, {}] });
    await stage.happen(says(ME, 'just now'));
    expect(await stage.explanations.of(ME)).toEqual(stage.byFold());
    const { entries } = await new Histories(log, systemClock).of(ME, { from: 0, to: Infinity }, true);
    expect(entries.map(({ status_msg, why }) => [status_msg, why])).toEqual([
      [null, 'device LAPTOP connected'],
      ['in the garden', 'the user set the status'],
      ['just now', 'the user set the status'],
    ]);
    await stage.end();
  });
});
