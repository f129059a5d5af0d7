import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Properties } from './broker-properties.ts';
import { clusterProperties, kafkaId, nodeProperties, propertiesFile } from './broker-properties.ts';
import { javaTool } from './kafka-source.ts';
import { makeOnce } from './make-once.ts';

const ROOT = join(import.meta.dirname, '../../..');
const POM = join(ROOT, 'test/kafka/pom.xml');
const CACHE = join(ROOT, 'node_modules/.cache/presently-kafka');
const FETCH_MS_MAX = 300_000;
/** Tests are over before the second compiler would pay. Only errors are logged. */
const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];

/** A Kafka on the disk. */
export interface Installation {
  /** Where more may be kept that belongs to this version of Kafka and of Java. */
  readonly directory: string;
  /** Options of every Java machine that runs it, the class path among them. */
  readonly javaArguments: readonly string[];
  /** A broker's data directory before its first start; only `meta.properties` is to be each broker's own. */
  readonly formatted: string;
}

/** Fetches Kafka unless it is there: once for each pom.xml and Java, into node_modules/.cache. */
export async function installKafka(): Promise<Installation> {
  const java = spawnSync(javaTool('java'), ['-version'], { encoding: 'utf8' }).stderr;
  const version = createHash('sha256').update(readFileSync(POM)).update(java).digest('hex').slice(0, 12);
  const directory = join(CACHE, version);
  mkdirSync(directory, { recursive: true });
  const jars = join(directory, 'jars');
  await makeOnce(jars, fetchJars);
  // One by one, in an order of our own: a class archive is only good for the very same class path.
  const classPath = readdirSync(jars)
    .filter((name) => name.endsWith('.jar'))
    .toSorted()
    .map((name) => join(jars, name))
    .join(':');
  const javaArguments = [...JAVA_OPTIONS, '-cp', classPath];
  const formatted = join(directory, 'formatted');
  await makeOnce(formatted, (draft) => formatStorage(javaArguments, draft));
  return { directory, javaArguments, formatted };
}

async function fetchJars(directory: string): Promise<void> {
  const args = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${directory}`];
  await run('mvn', args, (said) => {
    const command = `mvn ${args.join(' ')}`;
    return (
      `Maven could not fetch Kafka (it is needed once, and then kept in ${CACHE}). Try it by hand, or set KAFKA_BROKERS ` +
      `to a Kafka that runs already:\n  ${command}\n${said}`
    );
  });
}

/**
 * Makes a broker's data directory. Once for all brokers, where nothing more is to be in it: it takes a second, and only ids
 * differ, in a file that each broker gets of its own.
 */
export async function formatStorage(
  javaArguments: readonly string[],
  directory: string,
  more: readonly string[] = [],
): Promise<void> {
  const file = join(directory, 'format.properties');
  const ports = { client: 1, internal: 2, controller: 3 };
  const properties: Properties = {
    ...clusterProperties([ports], 'plaintext'),
    ...nodeProperties(1, ports),
    'log.dirs': directory,
  };
  await writeFile(file, propertiesFile(properties));
  const args = [...javaArguments, 'kafka.tools.StorageTool', 'format', '-t', kafkaId(), '-c', file, ...more];
  await run(javaTool('java'), args, (said) => `Kafka's storage tool could not format a directory:\n${said}`);
  await rm(file);
}

async function run(program: string, args: readonly string[], sentence: (said: string) => string): Promise<void> {
  try {
    await promisify(execFile)(program, args, { timeout: FETCH_MS_MAX });
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(sentence(`${stdout ?? ''}${stderr ?? ''}`.trim() || message));
  }
}
