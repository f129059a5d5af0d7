import type { WatcherExplanation } from '#delivery/explain/explain.schemas';
import type { Explanation } from '#domain/explanation.schemas';

type Device = Explanation['devices'][number];

/** An explanation as text for people, ended by a newline. Times are UTC. */
export function explanationText(explanation: Explanation & { readonly watcher?: WatcherExplanation }): string {
  const { user_id: userId, rule, devices, manual, next_deadline: next, last_announcement: last, log } = explanation;
  const lastActive = explanation.last_active_ts;
  return [
    `${userId} at ${time(log.log_time)}: ${stateText(explanation)}`,
    `  ${rule.says} (SEMANTICS.md, ${rule.section})`,
    `  last active: ${lastActive === null ? 'never, as far as others are told' : time(lastActive)}`,
    ...(devices.length === 0 ? ['  devices: none'] : ['  devices:', ...devices.flatMap(deviceLines)]),
    `  set by hand: ${manual === null ? 'nothing' : `${manual.presence}, at ${time(manual.at)}`}`,
    `  next: ${next === null ? 'nothing, until an event comes' : `${time(next.at)}: ${next.says}`}`,
    `  last announced: ${last === null ? 'never' : announcedText(last, log.announced?.cause_offset)}`,
    `  log: ${positionText(log)}`,
    ...(explanation.watcher === undefined ? [] : watcherLines(explanation.watcher)),
    '',
  ].join('\n');
}

function deviceLines(device: Device): string[] {
  const { device_id: id, idle_at: idleAt, declared, lease_until: lease, connections } = device;
  const state = idleAt === null ? 'idle' : `online until ${time(idleAt)}`;
  return [
    `    ${id}: ${state}; says ${declared ?? 'nothing'}; ${stayText(device)}`,
    `      last active ${timeOrNever(device.last_active_at)}, last seen ${time(device.last_seen_at)}` +
      (lease === null ? '' : `, its own lease until ${time(lease)}`),
    ...connections.map(
      ({ connection_id: connection, source_id: source, source_lease_until: until }) =>
        `      connection ${connection}, held by ${source === null ? 'no source' : `source ${source}, whose lease ends at ${timeOrNever(until)}`}`,
    ),
  ];
}

const HOLDERS: Readonly<Record<Device['held_by'], string>> = {
  source: 'by the lease of its source',
  lease: 'by its own lease',
  connection: 'by its open connection',
  last_seen: 'because it was seen not long ago',
};

function stayText({ offline_at: offlineAt, held_by: holder }: Device): string {
  if (offlineAt === null) return 'there as long as its connection is open';
  return `there until ${time(offlineAt)}, ${HOLDERS[holder]}`;
}

function announcedText(
  announced: NonNullable<Explanation['last_announcement']>,
  causeOffset: number | undefined,
): string {
  const { ts, cause } = announced;
  const device = cause.device_id === undefined ? '' : ` of device ${cause.device_id}`;
  return `${time(ts)}: ${stateText(announced)}; cause ${cause.type}${device}, event ${causeOffset ?? 'unknown'}`;
}

function positionText({ partition, next_offset: next, offset }: Explanation['log']): string {
  const events = `events before offset ${next}${partition === null ? '' : ` of partition ${partition}`}`;
  return offset === null ? `${events}, none of them the user’s` : `${events}; the user’s last is ${offset}`;
}

function watcherLines({ user_id: watcher, says, section, rooms, silent_rooms: silent }: WatcherExplanation): string[] {
  return [
    `  watched by ${watcher}: ${says} (SEMANTICS.md, ${section})`,
    ...(rooms.length === 0 ? [] : [`    shared rooms that convey presence: ${rooms.join(', ')}`]),
    ...(silent.length === 0 ? [] : [`    shared rooms that convey none: ${silent.join(', ')}`]),
  ];
}

function stateText({
  presence,
  currently_active: isActive,
  status_msg: message,
}: Pick<Explanation, 'presence' | 'currently_active' | 'status_msg'>): string {
  const active = presence === 'online' ? `, ${isActive ? '' : 'not '}active` : '';
  return `${presence}${active}${message === null ? '' : `, ${JSON.stringify(message)}`}`;
}

const timeOrNever = (ms: number | null): string => (ms === null ? 'never' : time(ms));

/** The farthest that dates go. */
const DATE_MS_MAX = 8.64e15;

function time(ms: number): string {
  return ms < 0 || ms > DATE_MS_MAX ? `${ms} ms` : new Date(ms).toISOString();
}
