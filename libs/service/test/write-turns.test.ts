import { WriteTurns } from '#service/writing/write-turns';
import { yieldToOthers } from '#runtime/clock/system-clock';
import { MovableClock } from '../../../test/support/movable-clock.ts';

test('who comes when nobody waits has a turn at once', async () => {
  const turns = new WriteTurns(new MovableClock());
  const order: string[] = [];
  void turns.take(1).then(() => order.push('first'));
  await Promise.resolve();
  await Promise.resolve();
  expect(order).toEqual(['first']);
});

test('a thousand at once have their turns one after another, and others get a word in between', async () => {
  const turns = new WriteTurns(new MovableClock());
  const order: number[] = [];
  let turnsOfOthers = 0;
  let isOver = false;
  const others = async (): Promise<void> => {
    for (; !isOver; turnsOfOthers++) await yieldToOthers();
  };
  const all = Array.from({ length: 1_000 }, async (_, n) => {
    if (await turns.take(50)) order.push(n);
  });
  const running = others();
  await Promise.all(all);
  isOver = true;
  await running;
  expect(order).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  expect(turnsOfOthers).toBeGreaterThan(900);
});

test('a request with many events has one turn, and the next waits for as many as it took', async () => {
  const turns = new WriteTurns(new MovableClock());
  expect(await turns.take(500)).toBe(true);
  let isNext = false;
  void turns.take(1).then(() => (isNext = true));
  for (let turn = 0; turn < 8; turn++) await yieldToOthers();
  expect(isNext).toBe(false);
  for (let turn = 0; turn < 8; turn++) await yieldToOthers();
  expect(isNext).toBe(true);
});

test('when too many events wait, more are refused at once', async () => {
  const turns = new WriteTurns(new MovableClock());
  const taken = Array.from({ length: 11 }, () => turns.take(10_000)); // the first does not wait
  expect(await turns.take(1)).toBe(false);
  void taken;
});

test('who has waited for too long is refused, and those behind are served', async () => {
  const clock = new MovableClock();
  const turns = new WriteTurns(clock);
  await turns.take(50);
  const late = turns.take(1);
  clock.move(5_001);
  const punctual = turns.take(1);
  expect(await late).toBe(false);
  expect(await punctual).toBe(true);
});
