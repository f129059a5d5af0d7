import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Below the ports that systems give to outgoing connections (Linux from 32768, macOS from 49152). Among those a broker that
 * is down could not come back to its port: some client may have got it, even one that connects to that very port and so
 * to itself.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRIES_MAX = 1_000;

/** Ports of the loopback interface that are free, and that nobody else of this run gets; `taken` is where it is noted. */
export async function freePorts(count: number, taken: string): Promise<number[]> {
  mkdirSync(taken, { recursive: true });
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries === TRIES_MAX) throw new Error(`No free ports between ${PORT_MIN} and ${PORT_MAX}`);
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (take(join(taken, String(port))) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

function take(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
