import type { PresenceEvent } from '#domain/events';
import type { CauseType } from '#domain/state';
import { ABSENCES, MOTTOS } from '#standalone/demo/habits';
import { Crowd } from '#standalone/demo/crowd';
import { CrowdLog, START_AT } from './crowd-log.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const USERS = 60;

/** A crowd as the demo makes it when nothing is set. */
function demoCrowd(): Crowd {
  return new Crowd({ seed: 1, startAt: START_AT, users: USERS, sourceId: 'one' });
}

describe('a day of the crowd, folded', () => {
  const log = new CrowdLog();
  const events = log.live(demoCrowd(), 'one', START_AT, DAY);
  const later = log.announced.filter(({ announcement }) => announcement.ts > START_AT);
  const causedBy = (type: CauseType): typeof later =>
    later.filter(({ announcement }) => announcement.cause.type === type);

  test('begins with all of it at once: online, idle, offline, and people who say why', () => {
    const opening = new CrowdLog();
    opening.live(demoCrowd(), 'one', START_AT, 0);
    const states = [...opening.fold.users()].map(({ announced, statusMsg }) => ({
      presence: announced?.presence ?? 'offline',
      statusMsg,
    }));
    for (const presence of ['online', 'unavailable', 'offline']) {
      expect(states.filter((state) => state.presence === presence).length).toBeGreaterThan(USERS / 10);
    }
    expect(states.filter(({ statusMsg }) => statusMsg !== null).length).toBeGreaterThan(3);
    // Setting up the crowd is no activity of its people.
    const lastActive = [...opening.fold.users()].map(({ lastActiveAt }) => lastActiveAt ?? 0);
    expect(Math.max(...lastActive)).toBeLessThan(START_AT);
    // Who becomes idle so soon was last active before the start.
    const idle = causedBy('idle').filter(({ announcement }) => announcement.ts < START_AT + 3 * MINUTE);
    expect(idle.length).toBeGreaterThan(3);
  });

  test('has people in all three presences all the time', () => {
    const presence = new Map<string, string>();
    const counts = { online: USERS, unavailable: USERS, offline: USERS };
    let sampleAt = START_AT + 10 * MINUTE;
    for (const { userId, announcement } of log.announced) {
      for (; sampleAt < announcement.ts; sampleAt += 10 * MINUTE) {
        const now = [...presence.values()];
        for (const name of ['online', 'unavailable'] as const)
          counts[name] = Math.min(counts[name], now.filter((other) => other === name).length);
        const offline = USERS - now.filter((other) => other !== 'offline').length;
        counts.offline = Math.min(counts.offline, offline);
      }
      presence.set(userId, announcement.presence);
    }
    expect(sampleAt).toBeGreaterThan(START_AT + DAY - 20 * MINUTE);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(2);
  });

  test('shows the viewer something every few seconds, and never so much that nobody could follow', () => {
    expect(DAY / later.length).toBeGreaterThan(2_000);
    expect(DAY / later.length).toBeLessThan(6_000);
    const firstMinute = later.filter(({ announcement }) => announcement.ts <= START_AT + MINUTE);
    expect(firstMinute.length).toBeGreaterThan(8);
    const gaps = later.slice(1).map(({ announcement }, i) => announcement.ts - (later[i]?.announcement.ts ?? NaN));
    expect(Math.max(...gaps)).toBeLessThan(2 * MINUTE);
  });

  test('has statuses that come, and go again', () => {
    const texts = new Set(later.map(({ announcement }) => announcement.statusMsg));
    for (const [, { message }] of ABSENCES) expect(texts).toContain(message);
    expect(MOTTOS.some((motto) => texts.has(motto))).toBe(true);
    const away = causedBy('status.set').filter(({ announcement }) => announcement.presence === 'unavailable');
    const back = causedBy('status.set').filter(({ announcement }) => announcement.presence === 'online');
    expect(away.length).toBeGreaterThan(50);
    expect(back.length).toBeGreaterThan(away.length / 2);
    // Whoever is away stays so when their client connects.
    const absences = ABSENCES.map(([, { message }]) => message);
    const ended = causedBy('device.connected').filter(
      ({ announcement: { presence, statusMsg } }) => presence === 'online' && absences.includes(statusMsg ?? ''),
    );
    expect(ended).toEqual([]);
  });

  test('has people who are there when they connect, other than after a netsplit', () => {
    const [online, idle] = ['online', 'unavailable'].map(
      (presence) =>
        causedBy('device.connected').filter(({ announcement }) => announcement.presence === presence).length,
    );
    expect(online).toBeGreaterThan(2 * (idle ?? NaN));
  });

  test('has talk in bursts: most messages follow another within a minute, and the longest silences last hours', () => {
    const gaps = gapsBetweenMessages(events);
    expect(gaps.filter((gap) => gap < MINUTE).length).toBeGreaterThan(gaps.length / 2);
    expect(gaps.filter((gap) => gap > 60 * MINUTE).length).toBeGreaterThan(10);
  });
});

function gapsBetweenMessages(events: readonly PresenceEvent[]): number[] {
  const last = new Map<string, number>();
  return events.flatMap((event) => {
    if (event.type !== 'device.active') return [];
    const before = last.get(event.user_id);
    last.set(event.user_id, event.ts ?? NaN);
    return before === undefined ? [] : [(event.ts ?? NaN) - before];
  });
}
