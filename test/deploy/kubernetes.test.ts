import { ConfigError, readConfig, settings } from '#runtime/config';
import { kafkaSettings, readKafkaConfig } from '#runtime/kafka-config';
import { topicsCommand } from '#cli/topics';
import { deliveryCommand } from '#delivery/command';
import { ingestCommand } from '#ingest/command';
import { projectorCommand } from '#projector/command';
import { standaloneCommand } from '#standalone/command';
import { kubernetesObjects, textOf } from './files.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold?: number;
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly (
    { readonly configMapRef: { readonly name: string } } | { readonly secretRef: { readonly name: string } }
  )[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
}

interface PodSpec {
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly [Container];
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: unknown;
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly template?: { readonly metadata?: { readonly labels: unknown }; readonly spec: PodSpec };
  };
}

const objects = kubernetesObjects<KubernetesObject>();
const workloads = [...objects].flatMap(([name, { spec }]) =>
  spec?.template === undefined ? [] : [{ name, pod: spec.template.spec, container: spec.template.spec.containers[0] }],
);
const servers = workloads.filter(({ name }) => !name.startsWith('Job/'));
const TOKEN_KEY = '07'.repeat(32);
const DRAIN_S = 10;

/** The environment of a container, as its ConfigMaps, Secrets and own entries say. */
function environmentOf({ env = [], envFrom }: Container): Record<string, string> {
  const sources = envFrom.map((source) => {
    const name = 'secretRef' in source ? `Secret/${source.secretRef.name}` : `ConfigMap/${source.configMapRef.name}`;
    const object = objects.get(name);
    if (object === undefined) throw new Error(`There is no ${name}.`);
    return object.data ?? object.stringData ?? {};
  });
  const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  return Object.assign({}, ...sources, own) as Record<string, string>;
}

test('there is each part, from the image that docker-compose.yml makes, by commands that there are', () => {
  expect(workloads.map(({ name, container }) => `${name}: ${container.args.join(' ')}`).toSorted()).toEqual([
    'Deployment/presently-delivery: delivery',
    'Deployment/presently-ingest: ingest',
    'Deployment/presently-projector: projector',
    'Job/presently-topics-create: topics create --replication 3',
    'StatefulSet/presently-standalone: standalone',
  ]);
  const [, image] = /image: (presently)$/m.exec(textOf('docker-compose.yml')) ?? [];
  for (const { container } of workloads) expect(container.image).toBe(image);
  const apps = [ingestCommand(), projectorCommand(), deliveryCommand(), standaloneCommand()];
  for (const { container } of servers) expect(apps.map((app) => [app.name()])).toContainEqual(container.args);
  const create = topicsCommand().commands.find((command) => command.name() === 'create') ?? topicsCommand();
  expect(create.options.map(({ long }) => long)).toContain('--replication');
});

test.each(workloads)('$name has settings that are known, and taken', ({ name, pod, container }) => {
  const environment = environmentOf(container);
  const known = Object.keys({ ...settings, ...kafkaSettings });
  expect(Object.keys(environment).filter((setting) => !known.includes(setting))).toEqual([]);
  const withKey = 'PRESENTLY_TOKEN_KEY' in environment ? { PRESENTLY_TOKEN_KEY: TOKEN_KEY } : {};
  expect(() => readConfig({ ...environment, ...withKey })).not.toThrow();
  expect(readKafkaConfig(environment) === null).toBe(name === 'StatefulSet/presently-standalone');
  // A service called presently-ingest would else be PRESENTLY_INGEST_SERVICE_HOST, a setting that there is not.
  expect(pod.enableServiceLinks).toBe(false);
  expect(() => readConfig({ PRESENTLY_INGEST_SERVICE_HOST: '10.0.0.1' })).toThrow(ConfigError);
});

test('who needs the token key has it, and nothing starts with the placeholder', () => {
  const withKey = workloads.filter(({ container }) => 'PRESENTLY_TOKEN_KEY' in environmentOf(container));
  expect(withKey.map(({ name }) => name)).toEqual([
    'Deployment/presently-delivery',
    'StatefulSet/presently-standalone',
  ]);
  for (const { container } of withKey) {
    expect(() => readConfig(environmentOf(container))).toThrow('PRESENTLY_TOKEN_KEY: must be 64 hexadecimal digits');
  }
  const secrets = [...objects.values()].filter(({ kind }) => kind === 'Secret');
  expect(new Set(secrets.flatMap(({ stringData = {} }) => Object.values(stringData)))).toEqual(new Set(['REPLACE']));
});

test.each(servers)('$name is asked where it answers, and may drain', ({ pod, container }) => {
  const { readinessProbe, livenessProbe, ports, lifecycle } = container;
  expect(ports).toEqual([{ name: 'http', containerPort: Number(environmentOf(container).PRESENTLY_PORT) }]);
  expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
  expect(livenessProbe).toMatchObject({ httpGet: { path: '/healthz', port: 'http' } });
  const { periodSeconds = 0, failureThreshold = 0 } = livenessProbe ?? {};
  expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(60); // OPERATIONS.md, "Too much at once"
  const waitS = Number(lifecycle?.preStop.exec.command[1] ?? 0);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(waitS + DRAIN_S);
});

test('services and disruption budgets find their pods', () => {
  const labelsOf = (app: string) => objects.get(app)?.spec?.template?.metadata?.labels;
  const found = [...objects].filter(([name]) => /^(Service|PodDisruptionBudget)\//.test(name));
  expect(found.map(([name]) => name).toSorted()).toEqual([
    'PodDisruptionBudget/presently-delivery',
    'PodDisruptionBudget/presently-ingest',
    'PodDisruptionBudget/presently-projector',
    'Service/presently-delivery',
    'Service/presently-ingest',
    'Service/presently-standalone',
  ]);
  for (const [, { kind, metadata, spec }] of found) {
    const pods = labelsOf(`Deployment/${metadata.name}`) ?? labelsOf(`StatefulSet/${metadata.name}`);
    expect(pods).toBeDefined();
    expect(spec?.selector).toEqual(kind === 'Service' ? pods : { matchLabels: pods });
    expect(spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(kind === 'Service' ? ['http'] : undefined);
  }
});

test('there are no more projectors than partitions, and one standalone', () => {
  const topics = workloads.find(({ name }) => name.startsWith('Job/'));
  const partitions = topics === undefined ? 0 : Number(environmentOf(topics.container).PRESENTLY_PARTITIONS);
  expect(objects.get('Deployment/presently-projector')?.spec?.replicas).toBeLessThanOrEqual(partitions);
  expect(objects.get('StatefulSet/presently-standalone')?.spec?.replicas).toBe(1);
});
