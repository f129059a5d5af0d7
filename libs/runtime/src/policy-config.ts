import type { Policy, PolicyChange } from '#domain/policy';
import { changePolicy, LIVE_POLICY } from '#domain/policy';
import type { Config } from './config.ts';
import { ConfigError } from './config.ts';

/** The part of the policy that the configuration names. */
export function configuredPolicy(config: Config): PolicyChange {
  return {
    idleAfterMs: config.PRESENTLY_IDLE_AFTER_MS,
    activeForMs: config.PRESENTLY_ACTIVE_FOR_MS,
    offlineAfterMs: config.PRESENTLY_OFFLINE_AFTER_MS,
    sourceTtlMs: config.PRESENTLY_SOURCE_TTL_MS,
    unheardForMs: config.PRESENTLY_UNHEARD_FOR_MS,
  };
}

/** The policy of a new log. */
export function newLogPolicy(config: Config): Policy {
  const policy = changePolicy(LIVE_POLICY, configuredPolicy(config));
  if (typeof policy === 'string') throw new ConfigError(`The configuration cannot be used:\n  - ${policy}`);
  return policy;
}

/** What to say when the log has another policy than the configuration names; null when they agree. */
export function policyMismatch(config: Config, inLog: Policy): string | null {
  const configured = configuredPolicy(config);
  const names = Object.keys(inLog) as (keyof Policy)[];
  const differing = names.filter((name) => configured[name] != null && configured[name] !== inLog[name]);
  if (differing.length === 0) return null;
  const both = differing.map(
    (name) => `${name} is ${inLog[name]} in the log and ${configured[name]} in the configuration`,
  );
  return `${both.join('; ')}. Change it in the log with \`presently policy set\`, or take the setting out.`;
}
