import { Stage, tick } from './stage.ts';

let stage: Stage;
beforeEach(async () => (stage = await new Stage().open()));
afterEach(() => stage.close());

test('what comes after the frame that ended a connection is not listened to', async () => {
  const client = await stage.connect();
  client.say('no', 'no', 'no', 'no', 'no', { type: 'presence', presence: 'offline' }, { type: 'active' });
  expect(await client.closed).toBe(4400);
  while (stage.devices.openCount > 0) await tick();
  expect(await stage.written()).toEqual(['device.connected', 'device.disconnected']);
});

test('a client that goes on sending, and does not close its end, is cut off in time all the same', async () => {
  const client = await stage.connect();
  client.socket.pause(); // it does not see the end
  client.say('no', 'no', 'no', 'no', 'no');
  for (let part = 0; part < 4; part++) {
    await new Promise((resolve) => client.socket.send('no', resolve));
    for (let turn = 0; turn < 20; turn++) await tick();
    stage.clock.move(300);
  }
  while (stage.delivery.connectionCount > 0) await tick();
  expect(stage.devices.openCount).toBe(0);
});
