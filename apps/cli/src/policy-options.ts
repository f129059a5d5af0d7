import type { Command } from 'commander';
import type { Policy } from '#domain/policy';
import { changePolicy } from '#domain/policy';
import { CommandError } from '#runtime/process';
import { msOption } from './options.ts';

/** What if: times that hold whatever the log says, milliseconds. */
export interface PolicyOptions {
  readonly idleAfter?: number;
  readonly activeFor?: number;
  readonly offlineAfter?: number;
}

export function addPolicyOptions(command: Command): Command {
  return command
    .option('--idle-after <ms>', 'what if: a device is idle after this long', msOption)
    .option('--active-for <ms>', 'what if: a user is currently active for this long', msOption)
    .option('--offline-after <ms>', 'what if: a device stays this long after it was last connected', msOption);
}

/** The values that were given, for a fold that begins with `policy`. Throws a `CommandError` when they do not fit. */
export function policyOverride(policy: Policy, options: PolicyOptions): Partial<Policy> {
  const override = {
    ...(options.idleAfter === undefined ? {} : { idleAfterMs: options.idleAfter }),
    ...(options.activeFor === undefined ? {} : { activeForMs: options.activeFor }),
    ...(options.offlineAfter === undefined ? {} : { offlineAfterMs: options.offlineAfter }),
  };
  const changed = changePolicy(policy, override);
  if (typeof changed === 'string') throw new CommandError(`${changed}: give --active-for as well as --idle-after.`);
  if (changed.offlineAfterMs === 0) throw new CommandError('--offline-after must be more than 0.');
  return override;
}
