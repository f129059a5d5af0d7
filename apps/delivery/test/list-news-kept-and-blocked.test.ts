import type { UserEvent } from '#domain/events';
import type { Place } from '#delivery/place';
import type { Subscription } from '#delivery/subscription';
import { FoldedHub } from './folded-hub.ts';
import { accepted, denied, invited } from './folded-view.ts';

const ME = '@me:x';
const PEST = '@pest:x';
const DAY_MS = 24 * 3_600_000;

const blocking = (...blocked: string[]): UserEvent => ({
  type: 'visibility.set',
  user_id: ME,
  show_to: 'everyone',
  blocked,
});
const removed: UserEvent = { type: 'user.removed', user_id: ME };
const back: UserEvent = { type: 'device.connected', user_id: ME, device_id: 'd1', connection_id: 'c1' };

/** A node that reads one partition, a commit for each event, and the streams on it. */
class Node extends FoldedHub {
  take(...events: readonly UserEvent[]): this {
    this.happen(...events);
    return this;
  }

  passDays(days: number): this {
    this.pass(days * DAY_MS);
    return this;
  }

  stream(userId: string, since: Place | null = null): Stream {
    return new Stream(this.hub.subscribe(userId, since, () => undefined).subscription);
  }
}

class Stream {
  place: Place | null = null;

  constructor(private readonly subscription: Subscription) {}

  /** Of lists, what it is told now. */
  told(): string[] {
    const { frames, place } = this.subscription.page(1_000, 0);
    this.place = place;
    return frames.flatMap((frame) => ('sender' in frame && frame.type !== 'm.presence' ? [frame.type] : []));
  }
}

const INVITE = ['m.presence_invite'];

describe('an answer is kept, so that nobody is asked again:', () => {
  test.each<[string, UserEvent[]]>([
    ['a denial', [denied(ME, PEST, 'a')]],
    ['a revocation', [accepted(ME, PEST, 'a'), denied(ME, PEST, 'a')]],
    ['a denial of an account that is back soon after its removal', [denied(ME, PEST, 'a'), removed, back]],
  ])('%s', (_what, answers) => {
    const node = new Node().take(invited(PEST, ME, 'a'), ...answers).passDays(9);
    expect(node.view.invitation(PEST, ME)).toMatchObject({ state: 'denied' });
    expect(node.stream(ME).told()).toEqual([]);
    node.take(invited(PEST, ME, 'b'));
    expect(node.stream(ME).told()).toEqual(INVITE);
  });

  test('until its account is removed, and that is a day ago', () => {
    const node = new Node().take(invited(PEST, ME, 'a'), denied(ME, PEST, 'a'), removed).passDays(0.999);
    expect(node.view.answers.size).toBe(1);
    node.passDays(0.001);
    expect(node.view.answers.size).toBe(0);
    expect(node.stream(ME).told()).toEqual(INVITE);
  });
});

describe('a stream is not told of invitations by whom its user blocks', () => {
  test('when it begins', () => {
    const node = new Node().take(invited(PEST, ME, 'a'), blocking(PEST));
    expect(node.stream(ME).told()).toEqual([]);
  });

  test('while it lasts', () => {
    const node = new Node().take(blocking(PEST));
    const stream = node.stream(ME);
    node.take(invited(PEST, ME, 'a'), invited('@friend:x', ME, 'a'));
    expect(stream.told()).toEqual(INVITE);
  });

  test('and when it goes on', () => {
    const node = new Node().take(blocking(PEST));
    const stream = node.stream(ME);
    stream.told();
    node.take(invited(PEST, ME, 'a'));
    expect(node.stream(ME, stream.place).told()).toEqual([]);
  });

  test('until they are unblocked', () => {
    const node = new Node().take(blocking(PEST), invited(PEST, ME, 'a'));
    const stream = node.stream(ME);
    expect(stream.told()).toEqual([]);
    const { place } = stream;
    node.take(blocking('@other:x'));
    expect(stream.told()).toEqual(INVITE);
    expect(node.stream(ME, place).told()).toEqual(INVITE);
    expect(node.stream(ME, stream.place).told()).toEqual([]);
  });

  test('and then they are told once', () => {
    const node = new Node().take(invited(PEST, ME, 'a'));
    const stream = node.stream(ME);
    expect(stream.told()).toEqual(INVITE);
    node.take(blocking('@other:x'), blocking('@other:x', '@third:x'));
    expect(stream.told()).toEqual([]);
    node.take(blocking(PEST), blocking());
    expect(stream.told()).toEqual([]);
  });

  test('not even when they are blocked before it was sent', () => {
    const node = new Node();
    const stream = node.stream(ME);
    node.take(invited(PEST, ME, 'a'), blocking(PEST));
    expect(stream.told()).toEqual([]);
    node.take(blocking());
    expect(stream.told()).toEqual(INVITE);
  });

  test('and who asks does not hear of it', () => {
    const node = new Node().take(invited(PEST, ME, 'a'));
    const stream = node.stream(PEST);
    stream.told();
    node.take(blocking(PEST));
    expect(stream.told()).toEqual([]);
    expect(node.view.invitation(PEST, ME)).toMatchObject({ state: 'pending' });
  });
});
