import { Turns } from '#delivery/turns';

/** Something that lasts until it is told to end. */
function pending(): { promise: Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => (end = resolve));
  return { promise, end };
}

test('what has the same key waits for what was before it, and other keys do not', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const { promise, end } = pending();
  const first = turns.take('a', async () => {
    await promise;
    done.push('a1');
  });
  const second = turns.take('a', async () => void done.push('a2'));
  await turns.take('b', async () => void done.push('b'));
  expect(done).toEqual(['b']);
  end();
  await Promise.all([first, second]);
  expect(done).toEqual(['b', 'a1', 'a2']);
});

test('a failure is its own', async () => {
  const turns = new Turns();
  const failed = turns.take('a', () => Promise.reject(new Error('no')));
  const next = turns.take('a', () => Promise.resolve(2));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe(2);
});

test('only so many may wait', async () => {
  const turns = new Turns();
  const { promise, end } = pending();
  const waiting = Array.from({ length: 10 }, () => turns.take('a', () => promise));
  await expect(turns.take('a', () => promise)).rejects.toMatchObject({ status: 429 });
  end();
  await Promise.all(waiting);
  await turns.take('a', () => promise);
});
