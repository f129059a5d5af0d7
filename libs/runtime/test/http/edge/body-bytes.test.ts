import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { BodyBytes, BodyStore } from '#runtime/http/edge/body-bytes';

const KIB = 1_024;

/** A body that arrives as it is written. */
class Upload extends PassThrough {
  constructor(readonly headers: Record<string, string> = {}) {
    super();
  }

  /** Resolves when it has been read. */
  async send(bytes: number): Promise<void> {
    if (!this.write(Buffer.alloc(bytes))) await once(this, 'drain');
  }
}

const of = (upload: Upload, store = new BodyStore(1_000 * KIB), bytesMax = 100 * KIB): BodyBytes =>
  new BodyBytes(upload as unknown as IncomingMessage, store, bytesMax);
const refusal = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => null,
    (error: unknown) => error,
  );

test('a body is what was sent, in any pieces', async () => {
  const upload = new Upload();
  const read = of(upload).read();
  for (const piece of ['{"a', 'ä'.slice(0, 1), '":1}']) upload.write(piece);
  upload.end();
  expect((await read).toString()).toBe('{"aä":1}');
});

test.each<[what: string, headers: Record<string, string>]>([
  ['by what it says', { 'content-length': String(101 * KIB) }],
  ['as it turns out', {}],
])('one that is too long, %s, is refused once it has come, and nothing is kept meanwhile', async (_what, headers) => {
  const upload = new Upload(headers);
  const store = new BodyStore(1_000 * KIB);
  const refused = refusal(of(upload, store).read());
  await upload.send(101 * KIB);
  expect(store.size).toBe(0);
  let isAnswered = false;
  void refused.then(() => (isAnswered = true));
  await upload.send(50 * KIB);
  expect(isAnswered).toBe(false);
  upload.end();
  expect(await refused).toMatchObject({
    errcode: 'M_TOO_LARGE',
    message: expect.stringMatching(/at most 102400 bytes/),
  });
});

test('of a body that does not end, no more than 64 MiB are waited for', async () => {
  const upload = new Upload();
  const refused = refusal(of(upload).read());
  for (let mib = 0; mib <= 64; mib++) await upload.send(KIB * KIB);
  expect(await refused).toMatchObject({ errcode: 'M_TOO_LARGE' });
  const declared = new Upload({ 'content-length': String(1e15) });
  expect(await refusal(of(declared).read())).toMatchObject({ errcode: 'M_TOO_LARGE' });
});

test('when large bodies fill the store, others are told to come back, small ones are read, and room is given back', async () => {
  const store = new BodyStore(60 * KIB);
  const [first, second, third, small] = Array.from({ length: 4 }, () => new Upload()) as [
    Upload,
    Upload,
    Upload,
    Upload,
  ];
  const [ofFirst, ofSmall] = [of(first, store), of(small, store)];
  const reading = [ofFirst.read(), refusal(of(second, store).read()), ofSmall.read()] as const;
  await first.send(70 * KIB);
  expect(store.size).toBe(54 * KIB);
  await second.send(30 * KIB);
  second.end();
  await small.send(16 * KIB);
  small.end();
  expect(await reading[1]).toMatchObject({ errcode: 'M_UNAVAILABLE', more: { retryAfterMs: 1_000 } });
  expect((await reading[2]).length).toBe(16 * KIB);
  first.end();
  await reading[0];
  ofFirst.release();
  ofFirst.release();
  expect(store.size).toBe(0);
  const ofThird = of(third, store);
  const again = ofThird.read();
  await third.send(70 * KIB);
  third.end();
  expect((await again).length).toBe(70 * KIB);
});

test('a body whose client leaves is an error, and keeps nothing', async () => {
  const store = new BodyStore(1_000 * KIB);
  const upload = new Upload();
  const body = of(upload, store);
  const cut = refusal(body.read());
  await upload.send(50 * KIB);
  upload.destroy(new Error('aborted'));
  expect(await cut).toMatchObject({ errcode: 'M_NOT_JSON' });
  body.release();
  expect(store.size).toBe(0);
});
