import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AclEntry } from 'kafkajs';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { example } from '../support/guides.ts';
import { ROOT } from '../support/source-process.ts';

const PREFIX = 'presence.';

/** That a user may do something with what has a name, or a name that begins so. */
export interface AccessRule {
  readonly user: string;
  readonly resource: keyof typeof RESOURCES;
  readonly name: string;
  readonly isPrefix: boolean;
  readonly operation: keyof typeof OPERATIONS;
}

const RESOURCES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
};
const OPERATIONS = {
  Create: AclOperationTypes.CREATE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
};

const operations = readFileSync(join(ROOT, 'docs/OPERATIONS.md'), 'utf8');

/** The rules that docs/OPERATIONS.md makes, command by command. */
export function documentedRules(): AccessRule[] {
  const lines = example('access rules')
    .split('\n')
    .filter((line) => line.startsWith('acl '));
  return lines.flatMap((line) => {
    const [, user = '', rest = ''] = /^acl (\w+) (.*)$/.exec(line) ?? [];
    const options = [...rest.matchAll(/--([\w-]+) (\S+)/g)].map(
      ([, option = '', value = '']) => [option, value] as const,
    );
    const [resource = '', name = ''] = options.find(([option]) => option in RESOURCES) ?? [];
    return options
      .filter(([option]) => option === 'operation')
      .map(([, operation]) => ({
        user,
        resource: resource as AccessRule['resource'],
        name,
        isPrefix: options.some(([, value]) => value === 'prefixed'),
        operation: operation as AccessRule['operation'],
      }));
  });
}

/** The rows of its table, by user, each with what is said of topics, groups and transactional ids. */
export function documentedTable(): Record<string, string[]> {
  const [, rows = ''] = /\n\| user \|.*\n\|[-|]*\n((?:\|.*\n)*)/.exec(operations) ?? [];
  const cells = rows.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const table: Record<string, string[]> = {};
  for (const [user, ...rest] of cells) if (user !== undefined) table[user] = rest;
  return table;
}

/** The same table, of rules. */
export function tableOf(rules: readonly AccessRule[]): Record<string, string[]> {
  const users = [...new Set(rules.map(({ user }) => user))];
  return Object.fromEntries(
    users.map((user) => {
      const own = rules.filter((rule) => rule.user === user);
      const onTopics = ['events', 'state', 'dead-letters'].map((topic) =>
        own.flatMap(({ name, operation }) => (name === PREFIX + topic ? operation : [])).join(', '),
      );
      const named = (resource: string): string =>
        own
          .filter((rule) => rule.resource === resource)
          .map(({ name, isPrefix, operation }) => `\`${name}${isPrefix ? '*' : ''}\` ${operation}`)
          .join(', ');
      return [user, [...onTopics, named('group'), named('transactional-id')]];
    }),
  );
}

/** As Kafka has it, for a log with another prefix. */
export function aclEntry({ user, resource, name, isPrefix, operation }: AccessRule, prefix: string): AclEntry {
  return {
    principal: `User:${user}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation: OPERATIONS[operation],
    resourceType: RESOURCES[resource],
    resourceName: name.replace(PREFIX, prefix),
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  };
}

/** For a message. */
export function ruleText({ user, resource, name, operation }: AccessRule): string {
  return `${user}: ${operation} ${resource} ${name}`;
}
