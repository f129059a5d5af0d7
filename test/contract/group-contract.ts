import type { Batch, GroupMember, MessageLog } from '#message-log/message-log';
import type { LogUnderTest, OpenLog } from './open-log.ts';

/** A member that notes what it is told, and resolves `reached` when it has got that many records. */
class Member implements GroupMember {
  readonly told: string[] = [];
  readonly records = new Map<number, string[]>();
  overlaps = 0;
  private readonly busy = new Set<number>();
  private waiting: { count: number; resolve: () => void } | null = null;

  constructor(private readonly from: (partition: number) => number = () => 0) {}

  assigned(partition: number): Promise<number> {
    this.told.push(`assigned ${partition}`);
    return Promise.resolve(this.from(partition));
  }

  async batch(partition: number, { records }: Batch): Promise<void> {
    if (records.length === 0) return;
    if (this.busy.has(partition)) this.overlaps++;
    this.busy.add(partition);
    await new Promise((resolve) => setImmediate(resolve));
    this.busy.delete(partition);
    const got = this.records.get(partition) ?? [];
    this.records.set(partition, [...got, ...records.map(({ value }) => value?.toString() ?? 'null')]);
    if (this.waiting !== null && this.count >= this.waiting.count) this.waiting.resolve();
  }

  revoked(partition: number): Promise<void> {
    this.told.push(`revoked ${partition}`);
    return Promise.resolve();
  }

  get count(): number {
    return [...this.records.values()].reduce((sum, { length }) => sum + length, 0);
  }

  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = { count, resolve };
      if (this.count >= count) resolve();
    });
  }
}

/** What every adapter promises of a group with one member. */
export function groupContract(open: OpenLog): void {
  let opened: LogUnderTest;
  let log: MessageLog;
  beforeEach(async () => {
    opened = await open({ partitionCount: 3 });
    ({ log } = opened);
  });
  afterEach(() => opened.dispose());

  const append = (partition: number, ...values: string[]): Promise<unknown> =>
    log.append(
      'events',
      values.map((value) => ({ key: null, value, partition })),
    );

  test('a single member is given every partition, each from where it says', async () => {
    for (let partition = 0; partition < 3; partition++) await append(partition, 'first', 'second');
    const member = new Member((partition) => partition % 2);
    const membership = await log.join('group', member);
    await member.reached(5);
    await append(2, 'third');
    await member.reached(6);
    await membership.leave();
    await membership.ended;
    expect(Object.fromEntries(member.records)).toEqual({
      0: ['first', 'second'],
      1: ['second'],
      2: ['first', 'second', 'third'],
    });
    expect(member.told.slice(0, 3).sort()).toEqual(['assigned 0', 'assigned 1', 'assigned 2']);
    expect(member.told.slice(3).sort()).toEqual(['revoked 0', 'revoked 1', 'revoked 2']);
    expect(member.overlaps).toBe(0);
  });

  test('nothing is handed over after leaving', async () => {
    const member = new Member();
    const membership = await log.join('group', member);
    await append(0, 'before');
    await member.reached(1);
    await membership.leave();
    await append(0, 'after');
    expect(member.count).toBe(1);
    expect(member.told.filter((text) => text.startsWith('revoked'))).toHaveLength(3);
  });

  test.each(['assigned', 'batch'] as const)('a throw of `%s` ends the membership with that error', async (method) => {
    const member = new Member();
    member[method] = (): Promise<never> => Promise.reject(new Error('cannot'));
    const membership = await log.join('group', member);
    membership.ended.catch(() => undefined);
    await append(1, 'event');
    await expect(membership.ended).rejects.toThrow('cannot');
  });

  test('a member that comes back goes on from where it says', async () => {
    await append(0, '1', '2', '3');
    const first = new Member();
    const membership = await log.join('group', first);
    await first.reached(3);
    await membership.leave();
    await append(0, '4');
    const second = new Member(() => 2);
    const again = await log.join('group', second);
    await second.reached(2);
    await again.leave();
    expect(second.records.get(0)).toEqual(['3', '4']);
  });
}
