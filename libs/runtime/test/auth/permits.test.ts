import { Permits } from '#runtime/auth/permits';

const patient = new AbortController().signal;

/** Whether it is resolved by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let isIt = false;
  void promise.then(() => (isIt = true));
  await new Promise((resolve) => setImmediate(resolve));
  return isIt;
}

test('who waits gets a permit in turn', async () => {
  const permits = new Permits(1, 2);
  const giveBack = await permits.take(patient);
  const [second, third] = [permits.take(patient), permits.take(patient)];
  expect([await isDone(second), await isDone(third)]).toEqual([false, false]);
  giveBack();
  expect([await isDone(second), await isDone(third)]).toEqual([true, false]);
  (await second)();
  (await third)();
  expect(await isDone(permits.take(patient))).toBe(true);
});

test('too many may not wait', async () => {
  const permits = new Permits(1, 1);
  const giveBack = await permits.take(patient);
  const second = permits.take(patient);
  await expect(permits.take(patient)).rejects.toThrow('too many wait for it');
  giveBack();
  await second;
});

test('who gives up leaves the line, and takes no permit with them', async () => {
  const permits = new Permits(1, 2);
  const giveBack = await permits.take(patient);
  const impatient = new AbortController();
  const [second, third] = [permits.take(impatient.signal), permits.take(patient)];
  impatient.abort();
  await expect(second).rejects.toThrow('it did not answer in time');
  giveBack();
  expect(await isDone(third)).toBe(true);
});

test('who was let in does not leave the line of those that come later', async () => {
  const permits = new Permits(1, 2);
  const giveBack = await permits.take(patient);
  const impatient = new AbortController();
  const second = permits.take(impatient.signal);
  giveBack();
  const giveBackSecond = await second;
  const third = permits.take(patient);
  impatient.abort();
  giveBackSecond();
  expect(await isDone(third)).toBe(true);
});
