import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KEYSTORE_PASSWORD } from './broker-properties.ts';
import { javaTool } from './kafka-source.ts';

/**
 * Makes an authority, and a key whose certificate it has signed, for 127.0.0.1 and localhost. Returns the key store of the
 * brokers, and the authority's certificate, by which clients know them.
 */
export async function makeCertificate(directory: string): Promise<{ keystore: string; ca: string }> {
  const file = (name: string): string => join(directory, name);
  const store = (name: string, alias: string): string[] => [
    ...['-alias', alias, '-keystore', file(name), '-storetype', 'PKCS12', '-storepass', KEYSTORE_PASSWORD],
  ];
  const key = ['-keyalg', 'EC', '-validity', '30'];
  const names = ['-ext', 'SAN=ip:127.0.0.1,dns:localhost'];
  await keytool('-genkeypair', ...store('ca.p12', 'ca'), ...key, '-dname', 'CN=Test authority', '-ext', 'bc:c');
  await keytool('-genkeypair', ...store('keystore.p12', 'broker'), ...key, '-dname', 'CN=localhost', ...names);
  const ca = await keytool('-exportcert', '-rfc', ...store('ca.p12', 'ca'));
  writeFileSync(file('ca.pem'), ca);
  await keytool('-certreq', ...store('keystore.p12', 'broker'), '-file', file('broker.csr'));
  const signing = ['-infile', file('broker.csr'), '-outfile', file('broker.pem'), '-validity', '30', ...names];
  await keytool('-gencert', ...store('ca.p12', 'ca'), '-rfc', ...signing);
  writeFileSync(file('chain.pem'), readFileSync(file('broker.pem'), 'utf8') + ca);
  await keytool('-importcert', '-noprompt', ...store('keystore.p12', 'broker'), '-file', file('chain.pem'));
  return { keystore: file('keystore.p12'), ca };
}

async function keytool(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(javaTool('keytool'), args);
  return stdout;
}
