import { Stage, tick } from './stage.ts';

let stage: Stage;
beforeEach(async () => (stage = await new Stage().open()));
afterEach(() => stage.close());

/** Waits until it is true; the test's time limit ends it otherwise. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await tick();
}

const expectWritten = (...events: string[]): Promise<void> =>
  until(async () => JSON.stringify(await stage.written()) === JSON.stringify(events));

describe('who cannot send a header', () => {
  test('says who they are in the first frame', async () => {
    const client = await stage.dial('/v1/ws?set_presence=offline').opened();
    client.say({ type: 'auth', token: '@u:x/D', set_presence: 'unavailable' }, { type: 'active' });
    expect(await client.ofType('snapshot')).toMatchObject({ events: [], more: false });
    await expectWritten('device.connected unavailable', 'device.presence online', 'device.active');
  });

  test('and takes the query’s values when the frame has none', async () => {
    const client = await stage.dial('/v1/ws?set_presence=unavailable&since=forged').opened();
    client.say({ type: 'auth', token: '@u:x/D' });
    expect(await client.ofType('reset')).toEqual({
      type: 'reset',
      reason: 'The token is not one of yours for this log.',
    });
    await expectWritten('device.connected unavailable');
    expect(client.messages.map(({ type }) => type)).toEqual(['reset', 'snapshot']);
  });

  test.each([
    ['a bad token', { type: 'auth', token: 'nobody' }, 'M_UNKNOWN_TOKEN'],
    ['another frame', { type: 'active' }, 'M_MISSING_TOKEN'],
  ])('and is told of %s, and closed with 4401', async (_, frame, errcode) => {
    const client = await stage.dial('/v1/ws').opened();
    client.say(frame);
    expect(await client.closed).toBe(4401);
    expect(client.messages).toEqual([{ type: 'error', errcode, error: expect.stringMatching(/\.$/) }]);
    expect(await stage.written()).toEqual([]);
  });

  test('has ten seconds for it', async () => {
    const client = await stage.dial('/v1/ws').opened();
    stage.clock.move(9_999);
    await tick();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    stage.clock.move(1);
    expect(await client.closed).toBe(4401);
  });

  test('and has been known since then', async () => {
    const client = await stage.dial('/v1/ws').opened();
    client.say({ type: 'auth', token: '@u:x' }, { type: 'auth', token: '@v:x' });
    const { error } = await client.ofType('error');
    expect(error).toBe('You are known already: send `auth` in the first frame only.');
    stage.clock.move(60_000); // the time for the first frame is over, and does not matter any more
    await tick();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

describe('what a client says', () => {
  test('is written as its device’s, or as the user’s status', async () => {
    const client = await stage.connect();
    client.say({ type: 'active' });
    await expectWritten('device.connected', 'device.active');
    client.say({ type: 'presence', presence: 'unavailable' });
    await expectWritten('device.connected', 'device.active', 'device.presence unavailable');
    client.say(
      { type: 'presence', presence: 'unavailable', status_msg: 'lunch' },
      { type: 'presence', presence: 'offline' },
    );
    const soFar = ['device.connected', 'device.active', 'device.presence unavailable'];
    const statuses = ['status.set unavailable lunch', 'status.set offline'];
    await expectWritten(...soFar, ...statuses);
    client.socket.close();
    await expectWritten(...soFar, ...statuses, 'device.disconnected');
  });

  test('makes one who hides be seen, once they say so', async () => {
    const client = await stage.connect('@u:x/D', '?set_presence=offline');
    client.say({ type: 'active' }, { type: 'presence', presence: 'unavailable' });
    await expectWritten('device.connected unavailable');
    expect(stage.devices.openCount).toBe(1);
  });

  test.each([
    ['no JSON', 'hello', /^The frame is not JSON\.$/],
    ['a list', '[]', /^Send \{"type":"active"\} or /],
    ['no type', '{}', /^Send \{"type":"active"\} or /],
    ['an unknown type', '{"type":"dance"}', /^Send \{"type":"active"\} or /],
    ['a bad value', '{"type":"presence","presence":"away"}', /presence must be "online" or /],
    ['bytes', Buffer.from('{"type":"active"}'), /^Frames are JSON, as text messages\.$/],
    ['a text that is too long', { type: 'presence', presence: 'online', status_msg: 'x'.repeat(1_025) }, /1024 bytes/],
    [
      'half of an emoji',
      '{"type":"presence","presence":"online","status_msg":"\\ud83d"}',
      /status_msg is not well-formed/,
    ],
  ])('and is %s, is answered with an error, the fifth time with the end', async (_, frame, error) => {
    const client = await stage.connect();
    client.say(frame);
    const told = await client.ofType('error');
    expect(told.errcode).toBe('M_BAD_JSON');
    expect(told.error).toMatch(error);
    client.say({ type: 'active' });
    await until(async () => (await stage.written()).includes('device.active'));
    client.say(frame, frame, frame, frame);
    expect(await client.closed).toBe(4400);
    expect(client.messages.filter(({ type }) => type === 'error').length).toBe(5);
  });

  test('in more than 64 KiB at once ends the connection', async () => {
    const client = await stage.connect();
    client.say({ type: 'presence', presence: 'online', status_msg: 'x'.repeat(65_536) });
    expect(await client.closed).toBe(1009);
    await until(() => stage.devices.openCount === 0);
  });

  test('too often ends the connection, but not if it is activity', async () => {
    const client = await stage.connect();
    client.say(...Array.from({ length: 900 }, () => ({ type: 'active' })));
    client.say(...Array.from({ length: 90 }, () => ({ type: 'presence', presence: 'online' })));
    await until(async () => (await stage.written()).includes('device.presence online'));
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    client.say(...Array.from({ length: 11 }, () => ({ type: 'active' })));
    expect(await client.closed).toBe(4429);
    expect(client.messages.at(-1)).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: expect.any(Number) });
    const other = await stage.connect();
    other.say(...Array.from({ length: 101 }, () => ({ type: 'presence', presence: 'online' })));
    expect(await other.closed).toBe(4429);
  });

  test('as a status is limited as PUT status is, and goes on', async () => {
    const client = await stage.connect();
    for (let number = 0; number <= 50; number++)
      client.say({ type: 'presence', presence: 'online', status_msg: `${number}` });
    expect(await client.ofType('error')).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 100 });
    stage.clock.move(100);
    client.say({ type: 'presence', presence: 'online', status_msg: 'again' });
    await until(async () => (await stage.written()).includes('status.set online again'));
    expect((await stage.written()).filter((event) => event.startsWith('status.set')).length).toBe(51);
  });
});

describe('a connection', () => {
  test('is pinged, and ended when the client does not answer', async () => {
    const client = await stage.connect();
    let pings = 0;
    client.socket.on('ping', () => pings++);
    for (let number = 1; number <= 3; number++) {
      stage.clock.move(30_000);
      await until(() => pings === number);
      await new Promise((resolve) => client.socket.ping(resolve)); // its own pong has been sent before
      await new Promise((resolve) => client.socket.once('pong', resolve));
    }
    client.socket.pause(); // it has gone without a word
    stage.clock.move(30_000);
    await tick();
    expect(stage.devices.openCount).toBe(1);
    stage.clock.move(30_000);
    await until(() => stage.devices.openCount === 0);
    expect(stage.delivery.connectionCount).toBe(0);
  });

  test('of which a user has too many is refused with 4429', async () => {
    for (let number = 0; number < 100; number++) await stage.connect(`@u:x/D${number}`);
    const one = await stage.connect('@u:x/D');
    expect(await one.closed).toBe(4429);
    expect(one.messages).toMatchObject([{ type: 'error', errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2_000 }]);
    expect(stage.devices.openCount).toBe(100);
  });

  test('of a server that stops is told when to come back, and cut off if it does not go', async () => {
    const client = await stage.connect();
    const stuck = await stage.connect('@v:x/D');
    const unknown = await stage.dial('/v1/ws').opened();
    await client.ofType('snapshot');
    stuck.socket.pause();
    const stopped = stage.devices.stop();
    stage.endpoint.stop();
    await stage.delivery.stop();
    await stopped;
    expect([await client.closed, await unknown.closed]).toEqual([1012, 1012]);
    const { retry_ms: retryMs } = await client.ofType('bye');
    expect(retryMs).toBeGreaterThanOrEqual(1_000);
    expect(retryMs).toBeLessThanOrEqual(4_000);
    expect(client.messages.filter(({ type }) => type === 'bye').length).toBe(1);
    stage.clock.move(1_000);
    await new Promise((resolve) => stage.server.close(resolve));
    expect(await stage.written()).toEqual(['device.connected', 'device.connected', 'source.gone']);
  });
});
