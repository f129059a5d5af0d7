import { Stage } from './stage.ts';

const isAlive = (line: string): boolean => line.includes(' alive ');

describe('the source of a node', () => {
  test('says that it is alive every third of its lease, as long as a connection is open', async () => {
    const stage = new Stage();
    await stage.pass(60);
    expect(await stage.lines()).toEqual([]);
    const connection = stage.open('d1');
    await stage.pass(35);
    connection.close();
    await stage.pass(600);
    expect(await stage.lines()).toEqual([
      '60 alive of s1',
      '60 connected d1 #1 of s1',
      '70 alive of s1',
      '80 alive of s1',
      '90 alive of s1',
      '95 disconnected d1 #1',
    ]);
  });

  test('keeps a million connections with one record', async () => {
    const stage = new Stage();
    for (let number = 0; number < 2_000; number++) stage.open(`d${number % 50}`, undefined, `@u${number % 40}:x`);
    await stage.lines();
    await stage.pass(10);
    expect(await stage.lines()).toEqual(['10 alive of s1']);
  });

  test('is another one after a time with no connection in which its lease has ended', async () => {
    const stage = new Stage();
    stage.open('d1').close();
    await stage.pass(20);
    stage.open('d1').close();
    await stage.pass(40);
    stage.open('d1');
    const lines = await stage.lines();
    expect(lines.filter(isAlive)).toEqual(['0 alive of s1', '20 alive of s1', '60 alive of s2']);
    expect(lines.at(-1)).toBe('60 connected d1 #3 of s2');
  });

  test('that could not renew in time takes a new id, and says its connections anew, with their last activity', async () => {
    const stage = new Stage();
    const first = stage.open('d1');
    stage.open('d2', 'unavailable');
    const third = stage.open('d3');
    await stage.pass(5);
    first.active();
    await stage.pass(1);
    await stage.lines();
    stage.log.failure = 'before';
    await stage.pass(70);
    third.close();
    expect(await stage.lines()).toEqual([]);
    expect(await stage.presence()).toBe('offline last 5');
    stage.log.failure = null;
    await stage.pass(5);
    const lines = await stage.lines();
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      expect.stringMatching(/^alive of s\d$/),
      expect.stringMatching(/^connected d1 #1 of s\d ts 5$/),
      expect.stringMatching(/^connected d2 #2 unavailable of s\d$/),
      'disconnected d3 #3 ts 76',
    ]);
    expect(new Set(lines.filter((line) => line.includes(' of ')).map((line) => / of (s\d)/.exec(line)?.[1])).size).toBe(
      1,
    );
    expect(await stage.presence()).toBe('online last 5');
  });

  test('whose renewal was written too late to be of use is another one, too', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(1);
    await stage.lines();
    stage.log.failure = 'hangs';
    await stage.pass(69);
    stage.log.resume();
    await stage.pass(1);
    expect(await stage.lines()).toEqual(['70 alive of s1', '70 alive of s2', '70 connected d1 #1 of s2 ts 0']);
    expect(await stage.announced()).toEqual(['0 online active', '60 offline', '70 online']);
  });

  test('that was away for less than its lease is the same, and nobody is said anew', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(9);
    await stage.lines();
    stage.log.failure = 'after';
    await stage.pass(10);
    stage.log.failure = null;
    await stage.pass(20);
    const lines = await stage.lines();
    expect(lines.every((line) => line.endsWith(' alive of s1'))).toBe(true);
    expect(await stage.announced()).toEqual(['0 online active']);
  });

  test('goes on renewing when the clock is set back', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(1);
    stage.skewMs = -3_600_000;
    await stage.pass(35);
    expect((await stage.lines()).filter(isAlive).length).toBeGreaterThanOrEqual(4);
  });

  test('takes a new id when the clock of the log was set ahead, by which its lease is over', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(15);
    await stage.lines();
    stage.clock.set(3_600_000);
    await stage.pass(10);
    expect(await stage.lines()).toEqual(['3620 alive of s1', '3620 alive of s2', '3620 connected d1 #1 of s2 ts 0']);
    await stage.pass(40);
    expect(await stage.presence()).toMatch(/^unavailable/); // and not offline
  });
});

describe('a log that cannot be written', () => {
  test.each(['before', 'after'] as const)(
    '(%s): what happened is written later, in order, with its times',
    async (failure) => {
      const stage = new Stage();
      const first = stage.open('d1');
      await stage.pass(1);
      await stage.lines();
      stage.log.failure = failure;
      const second = stage.open('d2');
      await stage.pass(1);
      first.active();
      await stage.pass(1);
      second.active();
      stage.open('d3', 'unavailable').says('online');
      stage.open('d4').close();
      await stage.pass(1);
      first.close();
      stage.log.failure = null;
      await stage.lines();
      await stage.pass(6);
      expect(
        (await stage.lines()).map((line) => line.replace(/^\S+ /, '')).filter((line) => !line.startsWith('alive')),
      ).toEqual([
        'connected d2 #2 of s1 ts 3',
        'active d2 ts 3',
        'active d1 ts 2',
        'disconnected d1 #1 ts 4',
        'connected d3 #3 of s1 ts 3',
      ]);
    },
  );

  test('after a failure only says that it is alive, until that is written', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(1);
    await stage.lines();
    stage.log.failure = 'after';
    stage.open('d2');
    await stage.pass(3);
    const [first, ...others] = (await stage.lines()).map((line) => line.replace(/^\S+ /, ''));
    expect(first).toBe('connected d2 #2 of s1');
    expect(others.length).toBeGreaterThan(3);
    expect(new Set(others)).toEqual(new Set(['alive of s1']));
  });

  test('and writes late what has failed: nobody who left meanwhile is there for ever', async () => {
    const stage = new Stage();
    stage.log.failure = 'late';
    const connection = stage.open('d1');
    await stage.lines();
    connection.close();
    stage.log.failure = null;
    await stage.pass(5);
    stage.open('d2', undefined, '@v:x'); // the node goes on being alive
    await stage.pass(60);
    expect(await stage.presence()).toMatch(/^offline/);
  });

  test('is tried again at least every 5 s', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(1);
    stage.log.failure = 'before';
    await stage.pass(60);
    const before = stage.log.attempts;
    await stage.pass(50);
    expect(stage.log.attempts - before).toBe(10);
  });

  test('for long makes new connections be refused, so that what waits is bounded', async () => {
    const stage = new Stage();
    stage.log.failure = 'before';
    for (let number = 0; number < 100_000; number++) stage.open('d', undefined, `@u${number}:x`);
    await stage.pass(0.1);
    expect(() => stage.open('one more')).toThrow('Too many connections wait to be written down. Try again later.');
    expect(() => stage.poll('one more')).toThrow('Too many connections');
    expect(stage.open('one more', 'offline')).toBeDefined();
    stage.log.failure = null;
    await stage.pass(1);
    stage.open('one more');
    await stage.pass(1);
    expect((await stage.told()).length).toBe(100_001);
  });
});

describe('a node that stops', () => {
  test('writes what waits, and that it is gone; its users have the grace', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    connection.active();
    const endPoll = stage.poll('d2');
    await stage.pass(1);
    connection.active();
    const stopped = stage.devices.stop();
    connection.close();
    endPoll();
    expect(() => stage.open('d3')).toThrow('This node is stopping. Connect again.');
    expect(() => stage.poll('d2')).toThrow('This node is stopping. Connect again.');
    await stopped;
    await stage.pass(60);
    expect((await stage.lines()).slice(4)).toEqual(['1 active d1', '1 gone of s1']);
    expect((await stage.announced()).at(-1)).toBe('31 offline');
  });

  test('without connections says nothing', async () => {
    const stage = new Stage();
    stage.open('d1').close();
    await stage.pass(1);
    await stage.lines();
    await stage.devices.stop();
    expect(await stage.lines()).toEqual([]);
  });

  test('does not wait for long for a log that cannot be written', async () => {
    const stage = new Stage();
    stage.open('d1');
    await stage.pass(1);
    stage.log.failure = 'hangs';
    stage.open('d2');
    let isStopped = false;
    void stage.devices.stop().then(() => (isStopped = true));
    await stage.pass(3.1);
    expect(isStopped).toBe(true);
  });

  test('leaves no timer that would act', async () => {
    const stage = new Stage();
    stage.open('d1').active();
    stage.poll('d1', 'online');
    await stage.pass(1);
    await stage.devices.stop();
    await stage.lines();
    await stage.pass(200);
    expect(await stage.lines()).toEqual([]);
  });
});
