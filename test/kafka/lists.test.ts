import { jest } from '@jest/globals';
import { ApiClient } from '../support/api-client.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { KafkaApps } from '../support/kafka-apps.ts';

jest.setTimeout(120_000);
const ALICE = '@alice:x';
const BOB = '@bob:x';
const ROUNDS = 5;

describeKafka('changes that come to different nodes, one at once after another', (connection) => {
  test('each is decided by what was answered before, wherever that was', async () => {
    const apps = new KafkaApps(connection(), { PRESENTLY_USER_WRITES_PER_S: '0' });
    await apps.run('topics', 'create', '--partitions', '3');
    const [ingest, projector, nodes] = await Promise.all([
      apps.start('ingest'),
      apps.start('projector'),
      Promise.all([apps.start('delivery'), apps.start('delivery')]),
    ]);
    for (const server of [ingest, projector, ...nodes]) await server.ready();
    const at = (node: 0 | 1, token: string): ApiClient => new ApiClient(nodes[node].url, token);
    const change = async (node: 0 | 1, user: string, body: object): Promise<void> => {
      const answer = await at(node, user).post(`/_matrix/client/v3/presence/list/${user}`, body);
      expect(answer).toMatchObject({ status: 200 });
    };
    const status = async (node: 0 | 1): Promise<number> =>
      (await at(node, ALICE).get(`/_matrix/client/v3/presence/${BOB}/status`)).status;

    for (let round = 0; round < ROUNDS; round++) {
      await change(0, ALICE, { invite: [BOB] });
      await change(1, ALICE, { invite: [BOB] }); // which is no second invitation
      await change(0, BOB, { accept: [ALICE] });
      expect(await status(0)).toBe(200);
      await change(1, BOB, { deny: [ALICE] }); // and does not miss what it is to deny
      expect(await status(1)).toBe(403);
      await change(0, ALICE, { drop: [BOB] });
    }

    const visibility = `/v1/users/${BOB}/visibility`;
    const members = '/v1/rooms/!r:x/members';
    for (let round = 0; round < ROUNDS; round++) {
      const choice = { show_to: 'everyone', blocked: [`@u${round}:x`] };
      expect(await new ApiClient(ingest.url, BOB).put(visibility, choice)).toMatchObject({ status: 200 });
      expect((await at(1, BOB).get(visibility)).body).toEqual(choice);
      await ingest.accept({ type: 'room.joined', user_id: `@u${round}:x`, room_id: '!r:x' });
      const full = { members: [`@v${round}:x`] };
      const changed = await at(0, 'dev-upstream').put(members, full);
      expect(changed).toMatchObject({ status: 200, body: { joined: 1, left: round === 0 ? 1 : 2 } });
      expect((await at(1, 'dev-upstream').put(members, full)).body).toEqual({ joined: 0, left: 0 });
    }
    for (const { process } of [ingest, projector, ...nodes]) expect(await process.kill('SIGTERM')).toBe(0);
  });
});
