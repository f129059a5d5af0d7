import type { IncomingMessage } from 'node:http';
import { addressKey, clientAddress, trustProxy } from '#runtime/http/limits/client-address';

/** The address of a request that came from `peer`, with this `X-Forwarded-For`. */
function addressOf(trusted: number | readonly string[] | undefined, peer: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress(trustProxy(trusted))({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);
}

test('without a trusted proxy it is the peer, whatever it says', () => {
  expect(addressOf(undefined, '192.0.2.1')).toBe('192.0.2.1');
  expect(addressOf(undefined, '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
  expect(addressOf(0, '127.0.0.1', '198.51.100.7')).toBe('127.0.0.1');
});

test('of so many proxies it is what the first of them saw; what a client adds does not count', () => {
  expect(addressOf(1, '10.0.0.1', 'forged, 198.51.100.7')).toBe('198.51.100.7');
  expect(addressOf(2, '10.0.0.2', 'forged, 198.51.100.7, 10.0.0.1')).toBe('198.51.100.7');
  expect(addressOf(2, '10.0.0.2')).toBe('10.0.0.2');
});

test('of named proxies it is the last that is none of them', () => {
  const trusted = ['10.0.0.0/8', 'loopback'];
  expect(addressOf(trusted, '127.0.0.1', 'forged, 198.51.100.7, 10.1.2.3')).toBe('198.51.100.7');
  expect(addressOf(trusted, '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
});

test.each([[['50']], [['true']], [['proxy.example']], [['10.0.0.0/99']], [['10.0.0.1', '']]])(
  '%j are no addresses',
  (trusted) => {
    expect(() => trustProxy(trusted)).toThrow(TypeError);
  },
);

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['2001:db8:0:1::5', '2001:db8:0:1::/64'],
  ['2001:0DB8:0000:0001:a:b:c:d', '2001:db8:0:1::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['[2001:db8::5]:4711', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['forged', 'unknown'],
  ['', 'unknown'],
  [undefined, 'unknown'],
])('%s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
