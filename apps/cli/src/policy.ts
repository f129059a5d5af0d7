import { Command } from 'commander';
import { decodeText } from '#domain/events';
import type { Policy } from '#domain/policy';
import { ARCHIVE_POLICY, changePolicy, LIVE_POLICY } from '#domain/policy';
import { Restore } from '#domain/restore';
import { decodeValue } from '#message-log/decode-value';
import { readState } from '#message-log/genesis';
import type { MessageLog } from '#message-log/message-log';
import { CommandError } from '#runtime/process';
import { logPlace, openForReading, openForWriting } from './open-log.ts';
import { DATA_OPTION } from './options.ts';

export function policyCommand(): Command {
  const show = new Command('show')
    .description('Show the policy that is in force in the log.')
    .option(...DATA_OPTION)
    .action(showPolicy);
  const set = new Command('set')
    .description('Change the policy in the log: from now on, and in every replay from this point on.')
    .argument('<name=ms...>', `one or more of ${Object.keys(LIVE_POLICY).join(', ')}, as idleAfterMs=600000`)
    .option(...DATA_OPTION)
    .addHelpText('after', '\nThe embedded log belongs to one process: stop the server first.')
    .action(setPolicy);
  return new Command('policy').description('Show or change the policy in the log.').addCommand(show).addCommand(set);
}

async function showPolicy(options: { data?: string }): Promise<void> {
  const log = await openForReading(logPlace(options.data));
  try {
    print(await policyInForce(log));
  } finally {
    await log.close();
  }
}

async function setPolicy(assignments: readonly string[], options: { data?: string }): Promise<void> {
  const log = await openForWriting(logPlace(options.data));
  try {
    if (log.kind === 'archive')
      throw new CommandError('An archive’s policy is part of it; ask `presently replay` what if.');
    const change = Object.fromEntries(assignments.map(assignment));
    const policy = changePolicy(await policyInForce(log), change);
    if (typeof policy === 'string') throw new CommandError(`Nothing was changed: ${policy}.`);
    const value = JSON.stringify({ type: 'policy.set', ...change });
    const decoded = decodeText(value);
    if ('refused' in decoded) throw new CommandError(`Nothing was changed: ${decoded.refused}.`);
    const partitions = Array.from({ length: log.partitionCount }, (_, partition) => ({ key: null, value, partition }));
    await log.append('events', partitions);
    print(policy);
  } finally {
    await log.close();
  }
}

function assignment(text: string): [string, number] {
  const [name = '', value = ''] = text.split('=', 2);
  if (name in LIVE_POLICY && /^\d+$/.test(value)) return [name, Number(value)];
  throw new CommandError(`${text} is not one of ${Object.keys(LIVE_POLICY).join(', ')} with a number of milliseconds.`);
}

/** The policy after all that is in the log: the last checkpoint's, and what came since. All partitions get the same. */
async function policyInForce(log: MessageLog): Promise<Policy> {
  const restore = new Restore();
  await readState(log, 0, restore);
  let policy = restore.checkpoint?.policy ?? (log.kind === 'archive' ? ARCHIVE_POLICY : LIVE_POLICY);
  for await (const { records } of log.read('events', 0, restore.checkpoint?.next[0] ?? 0)) {
    for (const { key, value } of records) {
      const decoded = decodeValue(value);
      if (key !== null || 'refused' in decoded || decoded.event.type !== 'policy.set') continue;
      const changed = changePolicy(policy, decoded.event);
      if (typeof changed !== 'string') policy = changed;
    }
  }
  return policy;
}

function print(policy: Policy): void {
  const width = Math.max(...Object.keys(policy).map((name) => name.length));
  for (const [name, ms] of Object.entries(policy)) {
    process.stdout.write(`${name.padEnd(width)}  ${String(ms).padStart(10)} ms\n`);
  }
}
