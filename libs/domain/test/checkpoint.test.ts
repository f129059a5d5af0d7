import { ARCHIVE_POLICY } from '#domain/policy';
import { OtherRulesError, Restore } from '#domain/restore';
import { checkpointRecord, RULES_VERSION } from '#domain/state-records';
import { given } from './given.ts';
import { committed } from './state-topic.ts';

describe('the checkpoint', () => {
  test('brings back log time, position, policy, leases, and what is forgotten', () => {
    const { state } = committed(
      '0 policy.set idleAfterMs 100; 0 source.alive g ttl 90000; 0 room.joined !r; 1 room.left !r; 86402 tick',
    );
    const restored = state.restore();
    expect(restored.logTime).toBe(86_402_000);
    expect(restored.position).toEqual({ offset: 5, step: 0 });
    expect(restored.policy).toEqual({ ...ARCHIVE_POLICY, idleAfterMs: 100_000 });
    expect(restored.checkpoint()).toMatchObject({
      sources: [['g', 90_000_000]],
      forgottenBefore: { offset: 3, step: 1 },
    });
  });

  test('is the last record of a commit', () => {
    const { state } = committed('0 c d1; 0 room.joined !r; 0 visibility.set nobody; 0 list.invited @v i1');
    expect(state.keys).toEqual(['user|@u', 'member|!r|@u', 'invite|@u|@v', 'visibility|@u', 'checkpoint']);
  });

  test('is written although nothing else changed', () => {
    expect(committed('5 tick').state.keys).toEqual(['checkpoint']);
  });

  test('names the log', () => {
    expect(checkpointRecord('log-1', given('').fold.checkpoint())).toMatchObject({
      log_id: 'log-1',
      rules: RULES_VERSION,
    });
  });

  test('lists sources in the order of their ids, whenever they were first met', () => {
    const { fold } = committed('0 source.alive b ttl 90; 0 source.alive c ttl 90; 0 source.alive a ttl 90');
    expect(fold.checkpoint().sources.map(([id]) => id)).toEqual(['a', 'b', 'c']);
  });

  test('of other rules is refused, with what to do', () => {
    const restore = new Restore();
    const checkpoint = checkpointRecord('log', given('0 c d1').fold.checkpoint());
    restore.take('checkpoint', { ...checkpoint, rules: RULES_VERSION + 1 });
    expect(() => restore.fold({})).toThrow(OtherRulesError);
    expect(() => restore.fold({})).toThrow(/rules version 2, and this is version 1: replay the events/);
  });

  test('that is not there means a new fold, by the policy it is given', () => {
    const fold = new Restore().fold({ policy: { ...ARCHIVE_POLICY, idleAfterMs: 7_000_000 } });
    expect([fold.position, fold.policy.idleAfterMs]).toEqual([{ offset: 0, step: 0 }, 7_000_000]);
  });

  test('decides the policy, but not what a "what if" holds fast', () => {
    const { state } = committed('0 policy.set idleAfterMs 100 offlineAfterMs 9');
    const fold = state.restore({ policy: ARCHIVE_POLICY, policyOverride: { offlineAfterMs: 1 } });
    expect(fold.policy).toEqual({ ...ARCHIVE_POLICY, idleAfterMs: 100_000, offlineAfterMs: 1 });
  });
});
