import { once } from 'node:events';
import { connect } from 'node:net';

/** A frame as RFC 6455 (5.2) has it, or as it should not be. */
export interface RawFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  /** The three reserved bits. */
  readonly reserved: number;
  readonly isMasked: boolean;
  readonly payload: Buffer;
  /** The length that it claims to have. */
  readonly length: number;
}

export const TEXT = 0x1;
export const CLOSE = 0x8;
const MASK = Buffer.from([1, 2, 3, 4]);

export function bytesOfFrame({ opcode, isFinal, reserved, isMasked, payload, length }: RawFrame): Buffer {
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const head = Buffer.alloc(size);
  head[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (size === 2 ? length : size === 4 ? 126 : 127);
  if (size === 4) head.writeUInt16BE(length, 2);
  if (size === 10) head.writeBigUInt64BE(BigInt(length), 2);
  if (!isMasked) return Buffer.concat([head, payload]);
  return Buffer.concat([head, MASK, payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0))]);
}

/** Sends an upgrade, and then these bytes, whatever they are. Resolves with the frames that came back when it is over. */
export async function sendFrames(url: string, path: string, authorization: string | null, bytes: Buffer) {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined); // a reset is an end, too
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const token = authorization === null ? '' : `Authorization: Bearer ${authorization}\r\n`;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}${token}\r\n`,
  );
  socket.end(bytes);
  await once(socket, 'close');
  const answer = Buffer.concat(chunks);
  const head = answer.indexOf('\r\n\r\n');
  return { status: Number(answer.subarray(9, 12)), frames: framesIn(answer.subarray(head + 4)) };
}

/** The frames that a server has sent: neither masked nor in parts. What is cut off at the end is left out. */
function framesIn(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const frames: { opcode: number; payload: Buffer }[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const size = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (at + size > bytes.length) break;
    const length = size === 2 ? short : size === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (at + size + length > bytes.length) break;
    frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(at + size, at + size + length) });
    at += size + length;
  }
  return frames;
}
