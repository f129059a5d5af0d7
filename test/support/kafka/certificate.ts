import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KEYSTORE_PASSWORD } from './broker-properties.ts';
import { javaTool } from './kafka-source.ts';

/** Makes a key with a certificate that it has signed itself, for 127.0.0.1 and localhost. */
export async function makeCertificate(directory: string): Promise<{ keystore: string; ca: string }> {
  const keystore = join(directory, 'keystore.p12');
  const store = ['-alias', 'broker', '-keystore', keystore, '-storepass', KEYSTORE_PASSWORD];
  const kind = ['-keyalg', 'EC', '-validity', '30', '-storetype', 'PKCS12'];
  const names = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1,dns:localhost'];
  await keytool('-genkeypair', ...store, ...kind, ...names);
  return { keystore, ca: await keytool('-exportcert', '-rfc', ...store) };
}

async function keytool(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(javaTool('keytool'), args);
  return stdout;
}
