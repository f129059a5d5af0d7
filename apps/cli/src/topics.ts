import { Command } from 'commander';
import { writeGenesis } from '#message-log/genesis';
import { TOPICS } from '#message-log/message-log';
import { systemClock } from '#runtime/clock/system-clock';
import { ConfigError, readConfig } from '#runtime/config';
import { readKafkaConfig } from '#runtime/kafka-config';
import { newLogPolicy } from '#runtime/policy-config';
import { PARTITIONS } from './open-log.ts';
import { wholeOption } from './options.ts';

interface Options {
  readonly partitions?: number;
  readonly replication?: number;
  readonly retentionDays?: number;
}

const DAY_MS = 86_400_000;

export function topicsCommand(): Command {
  const create = new Command('create')
    .description('Make the topics on Kafka, with the policy as their first record; check those that are there.')
    .option(
      '--partitions <n>',
      'partitions of each topic, chosen once (default: PRESENTLY_PARTITIONS, or 4)',
      wholeOption,
    )
    .option('--replication <n>', 'copies of each partition (default: as the brokers are configured)', wholeOption)
    .option('--retention-days <n>', 'how long events and dead letters are kept (default: for ever)', wholeOption)
    .addHelpText('after', '\nIt needs KAFKA_BROKERS. The policy is that of PRESENTLY_IDLE_AFTER_MS and its like.')
    .action(createTopics);
  return new Command('topics').description('Make or check the topics on Kafka.').addCommand(create);
}

async function createTopics(options: Options): Promise<void> {
  const config = readConfig(process.env);
  const connection = readKafkaConfig(process.env);
  if (connection === null) throw new ConfigError('KAFKA_BROKERS is not set: it says where the topics are to be.');
  const { createKafkaLog } = await import('#message-log/kafka/create-log');
  const prefix = config.PRESENTLY_TOPIC_PREFIX;
  const log = await createKafkaLog({
    ...connection,
    prefix,
    clock: systemClock,
    partitionCount: options.partitions ?? config.PRESENTLY_PARTITIONS ?? PARTITIONS,
    replicationFactor: options.replication ?? -1,
    kind: 'live',
    retentionMs: options.retentionDays === undefined ? -1 : options.retentionDays * DAY_MS,
  });
  try {
    if (log.kind === 'live') await writeGenesis(log, newLogPolicy(config));
    const topics = TOPICS.map((topic) => `${prefix}${topic}`).join(', ');
    process.stdout.write(`${topics}: ${log.partitionCount} partitions each, as they must be.\n`);
  } finally {
    await log.close();
  }
}
