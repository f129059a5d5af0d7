import { Connection } from '#delivery/connection';
import type { Frame } from '#delivery/frame';
import type { Place } from '#delivery/place';
import { ResumeTokens } from '#delivery/resume-token';
import { brief, FoldedHub, joined, left, says } from './folded-hub.ts';

const A = '@a:x';
const B = '@b:x';
const tokens = new ResumeTokens(Buffer.alloc(32, 1), 'log');

/** A stream of Alice's, to a client that takes so many frames at a time. */
function stream(stage: FoldedHub, since: Place | null, framesMax = Infinity) {
  const sent: { frame: Frame; place: Place | null }[] = [];
  let isEnded = false;
  const send = (frames: readonly Frame[], token: string | null): boolean => {
    const place = token === null ? null : tokens.open(A, token);
    frames.forEach((frame, index) => sent.push({ frame, place: index === frames.length - 1 ? place : null }));
    return sent.length < framesMax;
  };
  const connection = new Connection(A, since, stage.hub, tokens, stage.clock, { send, end: () => (isEnded = true) });
  /** What was sent since the last time. */
  const read = (): { frame: Frame; place: Place | null }[] => sent.splice(0);
  return { connection, read, isEnded: () => isEnded };
}

function stage(): FoldedHub {
  const hub = new FoldedHub();
  hub.happen(joined(A), joined(B), says(B, 'hi'));
  return hub;
}

test('frames go out as they come, and the last of those of one moment has the token', () => {
  const hub = stage();
  const { connection, read } = stream(hub, null);
  const start = hub.place;
  connection.pump();
  expect(read()).toMatchObject([{ frame: { type: 'snapshot' }, place: start }]);
  hub.happen(says(B, 'new'), joined('@c:x'), joined('@d:x'));
  hub.clock.move(0);
  expect(read().map(({ place }) => place)).toEqual([null, null, hub.place]);
  hub.happen(says('@stranger:x', 'hi'));
  hub.clock.move(0);
  expect(read()).toEqual([]);
});

test('a client that is full is sent nothing before it has read, and then the latest', () => {
  const hub = stage();
  const { connection, read } = stream(hub, hub.place, 2);
  hub.happen(says(B, 'one'), says(A, 'one'), joined('@c:x'));
  connection.pump();
  expect(read()).toHaveLength(3); // what was taken out is sent
  hub.happen(says(B, 'two'), says(B, 'three'), left('@c:x'));
  hub.clock.move(0);
  connection.pump();
  expect(read()).toEqual([]);
  connection.drained();
  expect(brief(read().map(({ frame }) => frame))).toEqual(['@b:x offline "three"', 'forget @c:x']);
});

test('nothing is sent to a stream that is closed, and it ends once', () => {
  const hub = stage();
  const { connection, read, isEnded } = stream(hub, hub.place);
  hub.happen(says(B, 'new'));
  connection.close();
  expect(isEnded()).toBe(true);
  connection.close();
  hub.clock.move(0);
  connection.pump();
  connection.drained();
  expect(read()).toEqual([]);
  expect(hub.hub.subscriberCount).toBe(0);
});
