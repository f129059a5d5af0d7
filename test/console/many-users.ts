import type { ServerProcess } from '../support/server-process.ts';

/** Below the size from which a room conveys no presence. */
const MEMBERS_MAX = 500;

/** The first user shares a room of their own with each of the others. */
export async function joinRooms(server: ServerProcess, [watcher = '', ...others]: readonly string[]): Promise<void> {
  for (let from = 0; from < others.length; from += MEMBERS_MAX) {
    const members = [watcher, ...others.slice(from, from + MEMBERS_MAX)];
    await server.accept(
      ...members.map((user_id) => ({ type: 'room.joined', user_id, room_id: `!${watcher}-${from}` })),
    );
  }
}

export async function setStatuses(server: ServerProcess, users: readonly string[], status_msg: string): Promise<void> {
  await server.accept(...users.map((user_id) => ({ type: 'status.set', user_id, status_msg })));
}
