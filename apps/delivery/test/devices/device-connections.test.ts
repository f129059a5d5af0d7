import { Stage } from './stage.ts';

describe('a stream (semantics, section 4)', () => {
  test('connects its device, by a source that is alive, and disconnects it', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    await stage.pass(1);
    connection.close();
    connection.close();
    expect(await stage.lines()).toEqual(['0 alive of s1', '0 connected d1 #1 of s1', '1 disconnected d1 #1']);
    expect(await stage.presence()).toBe('online active last 0');
    await stage.pass(29.9);
    expect(await stage.presence()).toBe('online active last 0');
    await stage.pass(0.1);
    expect(await stage.presence()).toBe('offline last 0');
  });

  test.each([
    [undefined, ['0 connected d1 #1 of s1']],
    ['online', ['0 connected d1 #1 of s1', '0 active d1']],
    ['unavailable', ['0 connected d1 #1 unavailable of s1']],
    ['offline', []],
  ] as const)('with set_presence %s writes %j', async (setPresence, told) => {
    const stage = new Stage();
    const connection = stage.open('d1', setPresence);
    expect(await stage.told()).toEqual(told);
    await stage.pass(1);
    connection.close();
    expect(await stage.told()).toEqual(setPresence === 'offline' ? [] : ['1 disconnected d1 #1']);
  });

  test('that is not the first of its device has an id of its own, and is no activity', async () => {
    const stage = new Stage();
    const first = stage.open('d1');
    await stage.pass(400);
    const second = stage.open('d1');
    await stage.pass(1);
    first.close();
    expect(await stage.told()).toEqual([
      '0 connected d1 #1 of s1',
      '400 connected d1 #2 of s1 ts 0',
      '401 disconnected d1 #1',
    ]);
    expect(await stage.presence()).toBe('unavailable last 0');
    second.active();
    expect(await stage.presence()).toBe('online active last 401');
  });

  test('without set_presence leaves its device as idle as it said it was', async () => {
    const stage = new Stage();
    stage.open('d1', 'unavailable');
    await stage.pass(1);
    stage.open('d1');
    expect(await stage.told()).toEqual(['0 connected d1 #1 unavailable of s1', '1 connected d1 #2 unavailable of s1']);
  });

  test('of a token without a device is the device "default"', async () => {
    const stage = new Stage();
    stage.devices.open({ userId: '@u:x', deviceId: null }, undefined);
    stage.devices.open({ userId: '@u:x', deviceId: 'default' }, undefined);
    expect(await stage.told()).toEqual(['0 connected default #1 of s1', '0 connected default #2 of s1']);
  });

  test('of an id that no event can carry is refused, and nothing else with it', async () => {
    const stage = new Stage();
    stage.open('d1');
    expect(() => stage.open('x'.repeat(256))).toThrow('Your user or device id cannot be used: ');
    expect(await stage.told()).toEqual(['0 connected d1 #1 of s1']);
    expect(stage.devices.openCount).toBe(1);
  });

  test('of an archive is no connection', async () => {
    const stage = new Stage({ isLive: false });
    stage.open('d1', 'online').active();
    stage.poll('d1')();
    expect(await stage.lines()).toEqual([]);
  });
});

describe('activity', () => {
  test('is written at once, then at most every 5 s, with the time of the last', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    for (let tenths = 0; tenths <= 120; tenths++) {
      if (tenths < 112) connection.active();
      await stage.pass(0.1);
    }
    expect(await stage.told()).toEqual(['0 connected d1 #1 of s1', '0 active d1', '5 active d1', '10 active d1']);
    await stage.pass(5);
    expect(await stage.told()).toEqual(['15 active d1 ts 11.1']);
    await stage.pass(20);
    connection.active();
    expect(await stage.told()).toEqual(['37.1 active d1']);
  });

  test('that waits is written before its last connection closes', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    connection.active();
    await stage.pass(1);
    connection.active();
    await stage.pass(1);
    connection.close();
    connection.active();
    expect((await stage.told()).slice(2)).toEqual(['2 active d1 ts 1', '2 disconnected d1 #1']);
  });

  test('can be said apart from a connection, and is then written as that of the device', async () => {
    const stage = new Stage();
    stage.open('d1');
    for (const said of [1, 2]) {
      stage.devices.active({ userId: '@u:x', deviceId: 'd1' });
      await stage.pass(said);
    }
    expect(await stage.told()).toEqual(['0 connected d1 #1 of s1', '0 active d1']);
    await stage.pass(2);
    expect(await stage.told()).toEqual(['5 active d1 ts 1']);
  });

  test('of a device that is connected elsewhere is written at once, and opens nothing', async () => {
    const stage = new Stage();
    stage.devices.active({ userId: '@u:x', deviceId: 'd1' });
    await stage.pass(1);
    expect(await stage.told()).toEqual(['0 active d1']);
    expect(stage.devices.openCount).toBe(0);
  });

  test('of two devices is two things', async () => {
    const stage = new Stage();
    stage.open('d1').active();
    stage.open('d2').active();
    await stage.pass(1);
    expect((await stage.told()).filter((line) => line.includes('active'))).toEqual(['0 active d1', '0 active d2']);
  });
});

describe('what a client says of itself', () => {
  test('is written; activity after it brings the user back', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    await stage.pass(1);
    connection.says('unavailable');
    await stage.pass(2);
    expect(await stage.presence()).toBe('unavailable last 0');
    connection.active();
    expect((await stage.told()).slice(1)).toEqual(['1 presence d1 unavailable', '3 presence d1 online', '3 active d1']);
    expect(await stage.presence()).toBe('online active last 3');
  });

  test('changes no more than once a second, and ends with the last of it', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    await stage.pass(10);
    for (let count = 0; count < 20; count++) {
      connection.says(count % 2 === 0 ? 'unavailable' : 'online');
      await stage.pass(0.1);
    }
    connection.says('unavailable');
    await stage.pass(2);
    const said = (await stage.told()).slice(1);
    expect(said.length).toBeLessThanOrEqual(4);
    expect(said[0]).toBe('10 presence d1 unavailable');
    expect(said.at(-1)).toMatch(/presence d1 unavailable/);
    expect(await stage.presence()).toMatch(/^unavailable/);
  });

  test('idle after activity that still waits: both are written, in that order', async () => {
    const stage = new Stage();
    const connection = stage.open('d1');
    connection.active();
    await stage.pass(1);
    connection.active();
    await stage.pass(1);
    connection.says('unavailable');
    expect((await stage.told()).slice(2)).toEqual(['2 active d1 ts 1', '2 presence d1 unavailable']);
    expect(await stage.presence()).toBe('unavailable last 1');
  });
});

describe('to connect again and again', () => {
  const TOO_OFTEN = 'You connect too often. Wait, and connect again.';

  test('is limited by user: 200 times at once, and then five a second', async () => {
    const stage = new Stage();
    for (let count = 0; count < 200; count++) {
      stage.open(`d${count % 7}`).close();
      await stage.pass(0.001);
    }
    await stage.pass(0.1);
    expect(() => stage.open('d1')).not.toThrow();
    expect(() => stage.open('d1')).toThrow(TOO_OFTEN);
    expect(() => stage.poll('d8')).toThrow(TOO_OFTEN);
    expect(() => stage.open('d1', 'offline')).not.toThrow();
    expect(() => stage.open('d1', undefined, '@v:x')).not.toThrow();
    await stage.pass(0.2);
    expect(() => stage.open('d1')).not.toThrow();
    expect((await stage.told()).length).toBeLessThanOrEqual(2 * 202 + 1);
  });

  test('is not what a client does that polls, or all whose connections are lost', async () => {
    const stage = new Stage();
    for (let count = 0; count < 1_000; count++) stage.poll('d1')();
    const connections = Array.from({ length: 99 }, (_, number) => stage.open(`d${number}`));
    for (const connection of connections) connection.close();
    for (let number = 0; number < 99; number++) stage.open(`d${number}`);
    expect(stage.devices.openCount).toBe(100);
  });
});
