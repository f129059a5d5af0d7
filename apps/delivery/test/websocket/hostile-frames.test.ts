import fc from 'fast-check';
import { webSocketFrameSchema } from '#delivery/frame.schemas';
import { silentLog } from '#runtime/log';
import { bytesOf } from '../../../../test/fuzz/request-parts.ts';
import { presence, shape, text } from '../../../../test/fuzz/values.ts';
import { readValues } from '../../../../test/contract/reading.ts';
import { bytesOfFrame, CLOSE, sendFrames, TEXT } from './raw-web-socket.ts';
import { Stage, tick } from './stage.ts';

const RUNS = 300;
const FRAMES_MAX = 12;
/** So soon after the connection is over, nothing is left of it. */
const TURNS_MAX = 1_000;
const USERS = ['@u:x', '@v:x'];
/** Of ws for what is no WebSocket, and ours for what is none of our frames; never 1011, a failure. */
const CLOSE_CODES = [1000, 1002, 1005, 1007, 1008, 1009, 4400, 4401, 4429];

const token = fc.constantFrom('@u:x/D', '@u:x', '@v:x/E', '', 'x');
const message = shape({
  type: fc.constantFrom('auth', 'presence', 'presence', 'active', 'snapshot', 'toString', '__proto__'),
  presence,
  status_msg: text,
  token,
  since: text,
  set_presence: presence,
});
const payload = fc.oneof(
  { weight: 6, arbitrary: bytesOf(message) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 65_535, 65_536, 65_537).map((size) => Buffer.alloc(size, ' ')) },
);

const seldom = <Value>(often: Value, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 50, arbitrary: fc.constant(often) }, { weight: 1, arbitrary });
const frame = fc
  .record({
    payload,
    opcode: seldom(TEXT, fc.nat({ max: 15 })),
    isFinal: seldom(true, fc.constant(false)),
    reserved: seldom(0, fc.nat({ max: 7 })),
    isMasked: seldom(true, fc.constant(false)),
    claims: seldom<number | null>(null, fc.constantFrom(0, 1, 125, 126, 65_536, 2 ** 31, Number.MAX_SAFE_INTEGER)),
  })
  .map(({ claims, ...parts }) => bytesOfFrame({ ...parts, length: claims ?? parts.payload.length }));

const path = fc.constantFrom('', '?set_presence=online', '?set_presence=unavailable', '?set_presence=offline&since=x');

test('whatever is sent on a WebSocket, what comes back is ours, nobody else is spoken for, and nothing stays', async () => {
  const errors: unknown[] = [];
  const logger = { ...silentLog, error: (event: string, fields: unknown) => errors.push([event, fields]) };
  const stage = await new Stage({ logger }).open();
  const idle = stage.clock.pending;
  const codes = new Map<number, number>();
  const frames = fc.array(frame, { minLength: 1, maxLength: FRAMES_MAX, size: 'max' });
  const property = fc.asyncProperty(path, fc.option(token), frames, async (query, authorization, sent) => {
    const answer = await sendFrames(stage.url, `/v1/ws${query}`, authorization, Buffer.concat(sent));
    for (const { opcode, payload: told } of answer.frames) {
      if (opcode === TEXT) webSocketFrameSchema.parse(JSON.parse(told.toString()));
      if (opcode !== CLOSE) continue;
      const code = told.length === 0 ? 1005 : told.readUInt16BE(0);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect(CLOSE_CODES).toContain(code);
    }
    const left = (): number => stage.devices.openCount + stage.delivery.connectionCount;
    for (let turn = 0; turn < TURNS_MAX && left() > 0; turn++) await tick();
    expect(left()).toBe(0);
    expect(errors).toEqual([]);
    stage.clock.move(60_000);
  });
  try {
    await fc.assert(property, { numRuns: RUNS, includeErrorInReport: true });
    for (let turn = 0; turn < 20; turn++) await tick();
    expect(stage.clock.pending).toBe(idle);
    for (const event of await readValues(stage.log, 'events', 0)) {
      const { type, user_id: userId = null } = JSON.parse(event) as { type: string; user_id?: string };
      expect(type).toMatch(/^(device|status|source)\./);
      expect([null, ...USERS]).toContain(userId);
    }
    for (const code of [1002, 1007, 1009, 4400, 4401]) expect([code, codes.has(code)]).toEqual([code, true]);
  } finally {
    await stage.close();
  }
});
