import { check } from './checks.ts';
import { World } from './world.ts';

const SEEDS = 150;

describe('crashes, zombies, restarts, slow clients, cut clients and those that poll change nothing', () => {
  const counts = {
    crashes: 0,
    zombies: 0,
    logFaults: 0,
    clocksSet: 0,
    repeats: 0,
    cuts: 0,
    polls: 0,
    resumes: 0,
    resets: 0,
  };
  const received: Record<string, number> = {};
  let withinSnapshots = 0;

  test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))('npm run sim -- --seed %i', async (seed) => {
    const world = new World(seed);
    await world.run();
    expect(await check(world)).toEqual([]);
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += world.counts[name];
    for (const happening of world.clients.flatMap(({ happenings }) => happenings)) {
      if (happening.type === 'began' && happening.since?.after != null) withinSnapshots++;
      if (happening.type !== 'received') continue;
      const { type } = happening.sent.frame;
      received[type] = (received[type] ?? 0) + 1;
    }
  });

  test('and the worlds were not tame', () => {
    expect(counts.crashes).toBeGreaterThan(SEEDS);
    expect(counts.zombies).toBeGreaterThan(SEEDS / 2);
    expect(counts.logFaults).toBeGreaterThan(SEEDS * 5);
    expect(counts.clocksSet).toBeGreaterThan(SEEDS * 3);
    expect(counts.repeats).toBeGreaterThan(SEEDS * 5);
    expect(counts.cuts).toBeGreaterThan(SEEDS);
    expect(counts.polls).toBeGreaterThan(SEEDS * 10);
    expect(counts.resumes).toBeGreaterThan(SEEDS);
    expect(counts.resets).toBeGreaterThan(SEEDS / 10);
    expect(withinSnapshots).toBeGreaterThan(SEEDS / 3);
    expect(received).toEqual({
      snapshot: expect.any(Number),
      'm.presence': expect.any(Number),
      forget: expect.any(Number),
      'room.presence': expect.any(Number),
      'm.presence_invite': expect.any(Number),
      'm.presence_accept': expect.any(Number),
      'm.presence_deny': expect.any(Number),
    });
    for (const count of Object.values(received)) expect(count).toBeGreaterThan(SEEDS / 3);
  });
});
