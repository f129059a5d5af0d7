import { difference } from '#delivery/rooms/room-members';

test.each([
  [[], ['a', 'b'], ['a', 'b'], []],
  [['a', 'b'], [], [], ['a', 'b']],
  [['a', 'b'], ['b', 'c', 'c'], ['c'], ['a']],
  [['a'], ['a'], [], []],
])('from %j to %j', (are, shouldBe, joined, left) => {
  expect(difference(are, shouldBe)).toEqual({ joined, left });
});
