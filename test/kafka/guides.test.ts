import { jest } from '@jest/globals';
import { example } from '../support/guides.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { freshPrefix } from '../support/kafka/shared-kafka.ts';
import { Shell } from '../support/shell.ts';

jest.setTimeout(120_000);

describeKafka('the README’s many processes', (connection) => {
  test('start on Kafka as they are written', async () => {
    const commands = example('kafka by hand')
      .replace('127.0.0.1:9092', connection().brokers.join(','))
      .replace('PRESENTLY_TOKEN_KEY=…', `PRESENTLY_TOKEN_KEY=${'07'.repeat(32)}`)
      .replaceAll(/(--port) \d+( +#.*)?$/gm, '$1 0 &'); // a terminal each
    const shell = new Shell(`${commands}\nwait`, { env: { PRESENTLY_TOPIC_PREFIX: freshPrefix() } });
    try {
      const urls = (): string[] => [...shell.printed.matchAll(/ listens on (http\S+)$/gm)].map(([, url = '']) => url);
      await shell.until(() => urls().length === 3);
      for (const url of urls()) {
        const ready = async (): Promise<number> => (await fetch(`${url}/readyz`)).status;
        while ((await ready()) !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
        expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^presently_ready 1$/m);
      }
    } finally {
      await shell.end();
    }
  });
});
