/**
 * Logs as text: `0 c d1; 5 status.set unavailable "at lunch"; 1000 tick`, that is, seconds, type, and fields. Some fields
 * are known by their place, the others have a name before them (`1 c d1 of g`: held by source g). All times are seconds.
 */

const SHORT_TYPES: Readonly<Record<string, string>> = {
  c: 'device.connected',
  a: 'device.active',
  x: 'device.disconnected',
};

/** Fields known by their place, by the type or its first half. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  device: ['device_id'],
  'status.set': ['device_id'],
  room: ['room_id'],
  'list.invited': ['observed', 'invitation'],
  'list.dropped': ['observed', 'invitation'],
  'list.accepted': ['owner', 'invitation'],
  'list.denied': ['owner', 'invitation'],
  visibility: ['show_to'],
  source: ['source_id'],
};

const NAMES: Readonly<Record<string, readonly [field: string, read: (word: string) => unknown]>> = {
  by: ['user_id', String],
  of: ['source_id', String],
  via: ['connection_id', String],
  ttl: ['ttl_ms', ms],
  ts: ['ts', ms],
  reason: ['reason', String],
  blocked: ['blocked', (word) => word.split(',')],
};

const OF_PARTITION = /^(source\..*|policy\.set|tick)$/;
const PRESENCES = ['online', 'unavailable', 'offline'];

export function secondsOf(line: string): number {
  return Number(wordsOf(line)[0]);
}

export function eventOf(line: string, user: string): Record<string, unknown> {
  const [, short = '', ...words] = wordsOf(line);
  const type = SHORT_TYPES[short] ?? short;
  const event: Record<string, unknown> = { type };
  if (!OF_PARTITION.test(type)) event.user_id = user;
  if (type === 'visibility.set') event.blocked = [];
  const places = [...(PLACES[type] ?? PLACES[type.split('.')[0] ?? ''] ?? [])];
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const named = NAMES[word] ?? (word.endsWith('Ms') ? ([word, ms] as const) : undefined);
    if (named !== undefined) event[named[0]] = named[1](words.shift() ?? '');
    else if (PRESENCES.includes(word)) event.presence = word;
    else if (word === 'null') event.status_msg = null;
    else if (word.startsWith('"')) event.status_msg = word.slice(1, -1);
    else {
      const field = places.shift();
      if (field === undefined) throw new Error(`Which field is ${word} in "${line}"?`);
      event[field] = word;
    }
  }
  return event;
}

function wordsOf(line: string): string[] {
  return line.match(/"[^"]*"|\S+/g) ?? [];
}

function ms(word: string): number {
  return Number(word) * 1_000;
}
