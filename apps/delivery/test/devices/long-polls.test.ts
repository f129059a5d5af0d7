import { Stage } from './stage.ts';

/** Polls again and again: each poll is open for a while, with a short break before the next. */
async function pollInLoop(
  stage: Stage,
  { seconds, openFor, presence }: { seconds: number; openFor: number; presence?: 'online' | 'unavailable' },
): Promise<void> {
  for (let passed = 0; passed < seconds; passed += openFor + 0.1) {
    const end = stage.poll('d1', presence);
    await stage.pass(openFor);
    end();
    await stage.pass(0.1);
  }
}

test('a loop of polls without set_presence is one connection, which never flickers, and goes idle', async () => {
  const stage = new Stage();
  await pollInLoop(stage, { seconds: 900, openFor: 30 });
  expect(await stage.told()).toEqual(['0 connected d1 #1 of s1']);
  expect(await stage.announced()).toEqual(['0 online active', '60 online', '300 unavailable']);
});

test.each([30, 5, 0.1])('polls of %s s that say online keep the user active, with few records', async (openFor) => {
  const stage = new Stage();
  await pollInLoop(stage, { seconds: 1_000, openFor, presence: 'online' });
  expect(await stage.announced()).toEqual(['0 online active']);
  const active = (await stage.told()).slice(1).map((line) => Number(line.split(' ')[0]));
  expect(active.length).toBeGreaterThan(15);
  const gaps = active.slice(1).map((at, index) => at - (active[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(50);
});

test('after the last poll that says online the user is active for a minute more, and then idle', async () => {
  const stage = new Stage();
  await pollInLoop(stage, { seconds: 30, openFor: 30, presence: 'online' });
  await pollInLoop(stage, { seconds: 900, openFor: 30 });
  expect(await stage.announced()).toEqual(['0 online active', '60 online', '300 unavailable']);
});

test('a poll that says unavailable is idle at once, and said once', async () => {
  const stage = new Stage();
  const online = stage.poll('d1', 'online'); // still open: what is said last counts
  await stage.pass(20);
  await pollInLoop(stage, { seconds: 200, openFor: 30, presence: 'unavailable' });
  online();
  expect((await stage.told()).slice(2)).toEqual(['20 presence d1 unavailable']);
  expect(await stage.announced()).toEqual(['0 online active', '20 unavailable']);
  stage.poll('d1', 'online');
  expect((await stage.announced()).at(-1)).toMatch(/ online active$/);
});

test('a client that comes back within 10 s has not been away', async () => {
  const stage = new Stage();
  stage.poll('d1')();
  await stage.pass(9.9);
  stage.poll('d1')();
  await stage.pass(9.9);
  expect(await stage.told()).toEqual(['0 connected d1 #1 of s1']);
});

test('a client that is gone for good is offline 30 s after its last poll', async () => {
  const stage = new Stage();
  await pollInLoop(stage, { seconds: 60, openFor: 30 });
  const end = stage.poll('d1');
  await stage.pass(12);
  end();
  const endedAt = 72.2;
  await stage.pass(60);
  expect((await stage.told()).at(-1)).toBe(`${endedAt + 10} disconnected d1 #1 ts ${endedAt}`);
  expect((await stage.announced()).at(-1)).toBe(`${endedAt + 30} offline`);
});

test('several polls of one device at once are one connection, until the last has ended', async () => {
  const stage = new Stage();
  const first = stage.poll('d1');
  const second = stage.poll('d1');
  await stage.pass(5);
  first();
  first();
  await stage.pass(20);
  expect(await stage.told()).toEqual(['0 connected d1 #1 of s1']);
  second();
  await stage.pass(10);
  expect(await stage.told()).toEqual(['35 disconnected d1 #1 ts 25']);
  stage.poll('d1');
  expect(await stage.told()).toEqual(['35 connected d1 #2 of s1']);
});

test('a poll with set_presence offline is no connection, and lets an earlier one end', async () => {
  const stage = new Stage();
  stage.poll('d1')();
  const hidden = stage.poll('d1', 'offline');
  await stage.pass(31);
  hidden();
  expect(await stage.announced()).toEqual(['0 online active', '30 offline']);
});

test('a device that polls and streams is connected as long as one of them is open', async () => {
  const stage = new Stage();
  const stream = stage.open('d1');
  stage.poll('d1')();
  await stage.pass(50);
  expect(await stage.announced()).toEqual(['0 online active']);
  stream.close();
  await stage.pass(30);
  expect((await stage.announced()).at(-1)).toBe('80 offline');
});

test('a client that comes and goes vouches for its user no more often than one that stays', async () => {
  const stage = new Stage();
  for (let count = 0; count < 20; count++) {
    stage.poll('d1', 'online')();
    await stage.pass(15);
  }
  const active = (await stage.told()).filter((line) => line.includes('active'));
  expect(active.length).toBe(5);
});

test('nothing is kept of clients that have gone', async () => {
  const stage = new Stage();
  stage.poll('d1', 'online')();
  stage.open('d2').close();
  await stage.pass(61);
  const { known } = stage.devices as unknown as { known: { all: () => Iterable<unknown> } };
  expect([...known.all()]).toEqual([]);
  expect(stage.devices.openCount).toBe(0);
});
