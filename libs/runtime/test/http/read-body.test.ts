import { z } from 'zod';
import { MatrixError } from '#runtime/http/matrix-error';
import { listOf, readBody } from '#runtime/http/read-body';

const schema = z.object({ names: listOf(z.string().min(1), 20) });

test('a good body is what it is', () => {
  expect(readBody(schema, { names: ['a'], more: 1 }, '{}')).toEqual({ names: ['a'] });
});

test('a bad one is a 400 that says what to send, and names the first faults', () => {
  const bad = Array.from({ length: 12 }, () => '');
  const read = () => readBody(schema, { names: bad }, '{"names":[…]}');
  expect(read).toThrow(MatrixError);
  expect(read).toThrow(/^Send \{"names":\[…\]\}: names\.0 .*; names\.9 .*; and 2 more\.$/);
  expect(() => readBody(schema, undefined, '{}')).toThrow('the body is missing');
  expect(() => readBody(schema, { names: 'a' }, '{}')).toThrow('names must be an array');
});

test('of a list that is too long no item is looked at', () => {
  const items = Array.from({ length: 1_000_000 }, () => '');
  expect(() => readBody(schema, { names: items }, '{}')).toThrow('Send {}: names takes at most 20, and has 1000000.');
});

test('a list is an array in a description', () => {
  expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
    properties: { names: { type: 'array', maxItems: 20, items: { type: 'string' } } },
  });
});
