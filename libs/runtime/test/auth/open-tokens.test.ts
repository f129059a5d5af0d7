import { OpenTokens } from '#runtime/auth/open-tokens';
import { MatrixError, unavailable, unknownToken } from '#runtime/http/matrix-error';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

const EVERY_MS = 300_000;
const bad = unknownToken('It was revoked.');

let clock: MovableClock;
let asked: string[];
let answer: () => Promise<unknown>;
let tokens: OpenTokens;
let told: string[];
beforeEach(() => {
  clock = new MovableClock();
  asked = [];
  told = [];
  answer = () => Promise.resolve();
  tokens = tokensAskedEvery(EVERY_MS);
});

function tokensAskedEvery(everyMs: number): OpenTokens {
  return new OpenTokens(clock, everyMs, (key, token) => {
    asked.push(token);
    return answer().then((error) => {
      if (error instanceof MatrixError) tokens.refuse(key, error);
    });
  });
}

/** Opens something, and notes when it is told that the token is bad. */
const open = (token: string, name = token): (() => void) =>
  tokens.add(token, ({ message }) => told.push(`${name}: ${message}`));

/** Lets so much time pass, and what was begun meanwhile be done. */
async function pass(ms: number): Promise<void> {
  clock.move(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

test('a token is asked about once in between a half and the whole of the time, for all that is open with it', async () => {
  open('a', 'a1');
  open('a', 'a2');
  await pass(EVERY_MS / 2 - 1);
  expect(asked).toEqual([]);
  await pass(EVERY_MS / 2 + 1);
  expect(asked).toEqual(['a']);
  await pass(EVERY_MS / 2 - 1);
  expect(asked).toEqual(['a']);
  await pass(EVERY_MS / 2 + 1);
  expect(asked).toEqual(['a', 'a']);
  expect(told).toEqual([]);
});

test('not all are asked about at once, though all were opened at once', async () => {
  for (let number = 0; number < 100; number++) open(`${number}`);
  await pass(EVERY_MS / 2);
  let most = 0;
  for (let step = 0; step < 10; step++) {
    const before = asked.length;
    await pass(EVERY_MS / 20);
    most = Math.max(most, asked.length - before);
  }
  expect(asked.length).toBe(100);
  expect(most).toBeLessThan(50);
});

test('when it is bad, all that is open with it is told, and nothing else', async () => {
  for (const name of ['a1', 'a2']) open('a', name);
  open('b');
  answer = () => Promise.resolve(asked.at(-1) === 'a' ? bad : undefined);
  await pass(EVERY_MS);
  expect(told).toEqual(['a1: It was revoked.', 'a2: It was revoked.']);
});

test('that there is no answer says nothing, and it is asked about again', async () => {
  open('a');
  answer = () => Promise.reject(unavailable('The homeserver does not answer.', 1_000));
  for (let round = 1; round <= 3; round++) {
    await pass(EVERY_MS);
    expect(asked.length).toBe(round);
  }
  expect(told).toEqual([]);
  answer = () => Promise.resolve(bad);
  await pass(EVERY_MS);
  expect(told).toEqual(['a: It was revoked.']);
});

test('what is closed is not told, and a token with which nothing is open is forgotten', async () => {
  const [first, second] = [open('a', 'a1'), open('a', 'a2')];
  first();
  first();
  expect(tokens.size).toBe(1);
  answer = () => Promise.resolve(bad);
  await pass(EVERY_MS);
  expect(told).toEqual(['a2: It was revoked.']);
  second();
  expect(tokens.size).toBe(0);
  await pass(10 * EVERY_MS);
  expect(asked).toEqual(['a']);
});

test('one that is opened anew while it is asked about is not forgotten with the old one', async () => {
  let settle = (): void => undefined;
  answer = () => new Promise<void>((resolve) => (settle = resolve));
  const close = open('a', 'old');
  await pass(EVERY_MS);
  close();
  open('a', 'new');
  settle();
  close();
  answer = () => Promise.resolve(bad);
  await pass(EVERY_MS);
  expect(told).toEqual(['new: It was revoked.']);
});

test('at most 16 are asked about at once, the others when it is their turn', async () => {
  const settle: (() => void)[] = [];
  answer = () => new Promise<void>((resolve) => settle.push(resolve));
  const closing = Array.from({ length: 40 }, (_, number) => open(`${number}`));
  await pass(EVERY_MS);
  expect(asked.length).toBe(16);
  for (const close of closing.slice(20)) close(); // their turn does not come any more
  settle.forEach((done) => done());
  await pass(0);
  expect(asked.length).toBeLessThanOrEqual(32);
  settle.forEach((done) => done());
  await pass(0);
  expect(asked.length).toBeLessThan(40);
  expect(new Set(asked).size).toBe(asked.length);
});

test('with 0 none is asked about', async () => {
  tokens = tokensAskedEvery(0);
  open('a');
  await pass(10 * EVERY_MS);
  expect(asked).toEqual([]);
});
