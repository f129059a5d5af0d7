import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

const NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Whether the peer at `address`, `hop` steps before us, is a proxy that tells the truth of whom it speaks for. */
export type TrustProxy = (address: string, hop: number) => boolean;

/**
 * Which proxies are believed: a number of them, or addresses, networks (`10.0.0.0/8`) and `loopback`, `linklocal` and
 * `uniquelocal`. Throws a `TypeError` for an address that is none.
 */
export function trustProxy(trusted: number | readonly string[] = 0): TrustProxy {
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted;
  for (const item of trusted) {
    // The parser takes a lone number for an address, too.
    if (isIP(item.replace(/\/.*$/, '')) === 0 && !NETWORKS.has(item)) throw new TypeError(`${item} is no address`);
  }
  return proxyAddr.compile([...trusted]);
}

/**
 * From which address a request comes, also a WebSocket's upgrade: the same as Fastify's `request.ip`. It is the peer's, or,
 * when that is a trusted proxy, the last one in `X-Forwarded-For` that is not.
 */
export function clientAddress(trust: TrustProxy): (request: IncomingMessage) => string {
  return (request) => proxyAddr(request, trust);
}

/**
 * What limits count by: an IPv4 address, or the /64 network of an IPv6 one, of which a single customer has all addresses. What
 * is no address (a client that has left has none) is all counted as one.
 */
export function addressKey(address: string | undefined): string {
  const text = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  // Some proxies write the port as well.
  const [host = ''] = /^\d+\.\d+\.\d+\.\d+(?=:\d+$)|(?<=^\[)[^\]]+/.exec(text) ?? [text];
  if (isIPv4(host)) return host;
  if (!isIPv6(host)) return 'unknown';
  const [head = '', tail = ''] = host.split('::');
  const before = groups(head);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - groups(tail).length) }, () => '0');
  return `${[...before, ...zeros, ...groups(tail)].slice(0, 4).join(':')}::/64`;
}

/** Without leading zeros, so that each address is written in one way. */
function groups(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
