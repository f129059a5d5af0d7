import { EventParser } from '../src/event-parser.ts';

const TEXT =
  'retry: 1500\n\n: keep-alive\n\nevent: m.presence\nid: abc\ndata: {"a":\ndata:1}\n\ndata\n\nid: only\n\ndata: x\n\n';
const EVENTS = [
  { id: 'abc', data: '{"a":\n1}' },
  { id: null, data: '' },
  { id: null, data: 'x' },
];

test.each([
  ['\n', 1],
  ['\n', 7],
  ['\r\n', 1],
  ['\r\n', 1_000],
  ['\r', 1],
  ['\r', 5],
])('with lines ending in %j, in pieces of %i', (end, length) => {
  const parser = new EventParser();
  const text = TEXT.replaceAll('\n', end);
  const events = [];
  for (let at = 0; at < text.length; at += length) events.push(...parser.push(text.slice(at, at + length)));
  events.push(...parser.push(end === '\r' ? ': a CR at the end could have been half of a CRLF' : ''));
  expect(events).toEqual(EVENTS);
  expect(parser.retryMs).toBe(1_500);
});

test('what has not ended is no event, and cannot be endless', () => {
  const parser = new EventParser();
  expect(parser.push('data: x\n')).toEqual([]);
  const line = `data: ${'x'.repeat(1024 * 1024)}\n`;
  expect(() => {
    for (let lines = 0; lines < 17; lines++) parser.push(line);
  }).toThrow('without end');
});
