import { FILTER_BYTES_MAX, filterId, filterOfId, NO_FILTER, parseFilter, passes } from '#delivery/matrix/filter';

const presence = (sender: string): { type: string; sender: string } => ({ type: 'm.presence', sender });
/** What it throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
const filter = (part: object) => parseFilter(JSON.stringify({ presence: part }));

test('an id carries its filter, all of it', () => {
  const whole = {
    room: { timeline: { limit: 20 } },
    presence: { not_senders: ['@ä:x'], limit: 3 },
    event_format: 'client',
  };
  const id = filterId(whole);
  expect(id).toMatch(/^[\w-]+$/);
  expect(filterOfId(id)).toEqual(whole);
  expect(parseFilter(id)).toEqual(parseFilter(JSON.stringify(whole)));
  expect(parseFilter(id)).toEqual({ ...NO_FILTER, notSenders: ['@ä:x'], limit: 3 });
});

test.each(['{}', '{"presence":null}', '{"presence":{}}', '{"presence":{"types":null}}', '{"room":{}}'])(
  '%s filters nothing',
  (text) => {
    expect(parseFilter(text)).toEqual(NO_FILTER);
    expect(passes(parseFilter(text), presence('@a:x'))).toBe(true);
  },
);

test.each<[object, boolean]>([
  [{ types: ['m.presence'] }, true],
  [{ types: ['m.*'] }, true],
  [{ types: ['*presence'] }, true],
  [{ types: ['*'] }, true],
  [{ types: ['m.*s*nce'] }, true],
  [{ types: ['m.presence*'] }, true],
  [{ types: ['m.presence.*'] }, false],
  [{ types: ['m.presenc'] }, false],
  [{ types: ['.*'] }, false],
  [{ types: ['m.presence*presence'] }, false],
  [{ types: ['m.room.*', 'm.presence'] }, true],
  [{ types: [] }, false],
  [{ not_types: ['m.presence'] }, false],
  [{ not_types: ['*'], types: ['m.presence'] }, false],
  [{ not_types: ['m.presence_*'] }, true],
  [{ senders: ['@a:x'] }, true],
  [{ senders: ['@b:x'] }, false],
  [{ senders: ['*'] }, false],
  [{ senders: [] }, false],
  [{ not_senders: ['@a:x'] }, false],
  [{ not_senders: ['@a:x'], senders: ['@a:x'] }, false],
  [{ not_senders: ['@b:x'], senders: ['@a:x'], types: ['m.presence'] }, true],
])('whether %j lets m.presence of @a:x through: %s', (part, isLet) => {
  expect(passes(filter(part), presence('@a:x'))).toBe(isLet);
});

test('a pattern of many stars takes no time', () => {
  const sender = { type: 'a'.repeat(200), sender: '@a:x' };
  expect(passes(filter({ types: [`${'*a'.repeat(1_000)}b`] }), sender)).toBe(false);
});

test.each([
  ['{', 'The filter is not JSON.'],
  ['{"presence":7}', 'presence must be an object'],
  ['{"presence":{"limit":0}}', 'presence.limit'],
  ['{"presence":{"senders":"@a:x"}}', 'presence.senders'],
  ['1', 'There is no such filter'],
  ['', 'There is no such filter'],
  ['not an id', 'There is no such filter'],
  [Buffer.from('[]').toString('base64url'), 'There is no such filter'],
  [Buffer.from('{"presence":7}').toString('base64url'), 'presence must be an object'],
  [`{"x":"${'x'.repeat(FILTER_BYTES_MAX)}"}`, 'at most 3072 bytes'],
  ['e'.repeat(10_000), 'There is no such filter'],
])('what is no filter is refused with a sentence (%#)', (value, why) => {
  const error = thrownBy(() => parseFilter(value));
  expect(error).toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM', message: expect.stringContaining(why) });
});

test('a filter that an id cannot carry, or that is none, is refused', () => {
  expect(() => filterId({ x: 'ä'.repeat(FILTER_BYTES_MAX / 2) })).toThrow('an id can carry 3072');
  for (const body of [null, [], 'text', undefined])
    expect(() => filterId(body)).toThrow('Send a filter as a JSON object');
});
