import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { composeFileExists } from './docker-kafka.ts';

const JAVA_VERSION_MIN = 17;
const DOCKER_WAIT_MS_MAX = 10_000;

/** Where the tests get their Kafka from. */
export type KafkaSource =
  | { readonly kind: 'given'; readonly brokers: readonly string[] }
  | { readonly kind: 'maven' }
  | { readonly kind: 'docker' }
  | { readonly kind: 'none'; readonly missing: string };

/** What is on a machine. Each may start a process, so it is asked only when it matters. */
export interface Machine {
  readonly brokers: string;
  /** Null: there is no Java. */
  readonly javaVersion: () => number | null;
  readonly hasMaven: () => boolean;
  /** Whether there is an engine that answers. */
  readonly hasDocker: () => boolean;
}

/** `KAFKA_BROKERS`, else Java and Maven, else Docker. */
export function findKafka({ brokers, javaVersion, hasMaven, hasDocker }: Machine): KafkaSource {
  const given = brokers.split(',').flatMap((broker) => broker.trim() || []);
  if (given.length > 0) return { kind: 'given', brokers: given };
  const version = javaVersion();
  const maven = hasMaven();
  if (version !== null && version >= JAVA_VERSION_MIN && maven) return { kind: 'maven' };
  if (hasDocker()) return { kind: 'docker' };
  const java = version === null ? 'not found' : `found: ${version}`;
  const missing =
    `KAFKA_BROKERS is not set; a JDK from ${JAVA_VERSION_MIN} on (${java}) and Maven (${maven ? 'found' : 'not found'}) ` +
    `are not both there; no Docker engine to use answers`;
  return { kind: 'none', missing };
}

export const thisMachine: Machine = {
  brokers: process.env.KAFKA_BROKERS ?? '',
  javaVersion: () => {
    // On standard error: openjdk version "17.0.15" 2025-04-15
    const major = /version "(\d+)/.exec(spawnSync(javaTool('java'), ['-version'], { encoding: 'utf8' }).stderr ?? '');
    return major === null ? null : Number(major[1]);
  },
  hasMaven: () => spawnSync('sh', ['-c', 'command -v mvn']).status === 0,
  hasDocker: () =>
    composeFileExists() &&
    spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: DOCKER_WAIT_MS_MAX }).status === 0,
};

/** A program of the JDK: that of JAVA_HOME, which Maven uses too, else the one in the path. */
export function javaTool(name: 'java' | 'keytool'): string {
  const inHome = join(process.env.JAVA_HOME ?? '', 'bin', name);
  return process.env.JAVA_HOME !== undefined && existsSync(inHome) ? inHome : name;
}
