import type { MessageLog } from '#message-log/message-log';
import { checkPartition } from '#projector/verify/partition-check';
import type { SimClient } from './sim-client.ts';

/** Polls linger, and a device that was seen last is kept for a while. */
const AWAY_MS = 120_000;

/**
 * When nodes had the time to be missed, exactly those clients have a device that are connected to one that lives: there are
 * no ghosts, and nobody was forgotten, but whose account was removed while they were connected.
 */
export async function deviceFaults(log: MessageLog, clients: readonly SimClient[]): Promise<string[]> {
  const devices = new Set<string>();
  const removed = new Set<string>();
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { fold } = await checkPartition(log, partition);
    for (const user of fold.users()) for (const { id } of user.devices) devices.add(`${user.id} ${id}`);
    for await (const { records } of log.read('events', partition, 0)) {
      for (const { key, value } of records) if (String(value).includes('"user.removed"')) removed.add(String(key));
    }
  }
  return clients.flatMap(({ userId, deviceId, isConnected, awayMs }) => {
    const isThere = devices.has(`${userId} ${deviceId}`);
    if (isThere === isConnected || (isConnected && removed.has(userId)) || (!isConnected && awayMs < AWAY_MS))
      return [];
    return [
      `${userId} is ${isConnected ? '' : 'not '}connected with ${deviceId}, which ${isThere ? 'lives on' : 'is gone'}`,
    ];
  });
}
