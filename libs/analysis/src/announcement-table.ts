import type { Announced } from './announcement-stream.ts';
import type { Column, Row } from './table.ts';

/** The line of `presently replay`, flat: what is in its `cause` has names of its own. */
export const ANNOUNCEMENT_COLUMNS: readonly Column[] = [
  { name: 'ts', type: 'time' },
  { name: 'user_id', type: 'text' },
  { name: 'presence', type: 'text' },
  { name: 'currently_active', type: 'boolean' },
  { name: 'last_active_ts', type: 'time' },
  { name: 'status_msg', type: 'text' },
  { name: 'cause_type', type: 'text' },
  { name: 'cause_device_id', type: 'text' },
  { name: 'cause_partition', type: 'integer' },
  { name: 'cause_offset', type: 'integer' },
];

export function announcementRow({ userId, announcement, partition }: Announced): Row {
  const { ts, presence, currentlyActive, lastActiveTs, statusMsg, cause } = announcement;
  return [
    ts,
    userId,
    presence,
    currentlyActive,
    lastActiveTs,
    statusMsg,
    cause.type,
    cause.deviceId,
    partition,
    cause.offset,
  ];
}

/** The line of `presently replay --at`. */
export const STATE_COLUMNS: readonly Column[] = ANNOUNCEMENT_COLUMNS.slice(0, 6);
