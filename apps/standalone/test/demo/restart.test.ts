import { Crowd } from '#standalone/demo/crowd';
import { CrowdLog, START_AT } from './crowd-log.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function crowdOf(sourceId: string, startAt: number, users = 200): Crowd {
  return new Crowd({ seed: 1, startAt, users, sourceId });
}

const statuses = ({ fold }: CrowdLog): string[] =>
  [...fold.users()].flatMap(({ id, statusMsg }) => (statusMsg === null ? [] : [`${id}: ${statusMsg}`])).sort();

/** An earlier crowd on the log, for an hour. */
function logOfEarlier(): CrowdLog {
  const log = new CrowdLog();
  log.live(crowdOf('first', START_AT), 'first', START_AT, HOUR);
  return log;
}

describe('a crowd on the log of an earlier one', () => {
  test.each([
    ['which said good-bye, at once', true, 100],
    ['which said good-bye, later', true, 2 * HOUR],
    ['which was killed, at once', false, 100],
    ['which was killed, later', false, 2 * HOUR],
  ])('%s: no ghosts', (_name, saysGoodbye, pauseMs) => {
    const startAt = START_AT + HOUR + pauseMs;
    const log = logOfEarlier();
    if (saysGoodbye) log.take({ type: 'source.gone', source_id: 'first' }, START_AT + HOUR + 50);
    const earlier = log.present();
    const fresh = new CrowdLog();
    for (const each of [log, fresh]) each.live(crowdOf('second', startAt), 'second', startAt, MINUTE);
    expect(log.present()).toEqual(fresh.present());
    expect(log.present().length).toBeGreaterThan(50);
    expect(earlier).not.toEqual(fresh.present()); // else there was nobody who could be a ghost
    expect(statuses(log)).toEqual(statuses(fresh));
    expect(statuses(log).length).toBeGreaterThan(5);
  });

  test('all of whom go offline when it says good-bye', () => {
    const log = logOfEarlier();
    expect(log.present().length).toBeGreaterThan(50);
    log.take({ type: 'source.gone', source_id: 'first' }, START_AT + HOUR);
    log.advanceTo(START_AT + HOUR + 30_000);
    expect(log.present()).toEqual([]);
  });
});
