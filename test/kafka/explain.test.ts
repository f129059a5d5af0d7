import { createKafkaLog } from '#message-log/kafka/create-log';
import { systemClock } from '#runtime/clock/system-clock';
import { ME, Stage } from '../../apps/delivery/test/explain/stage.ts';
import { says } from '../../apps/delivery/test/folded-hub.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';

describeKafka('a delivery node on Kafka', (connection) => {
  test('reads the user’s record from the topic to say why, and that of a change the moment before', async () => {
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
    await stage.end();
  });
});
