import Fastify from 'fastify';
import { openForWriting, logPlace } from '../../open-log.ts';
import { ownUsage } from './own-usage.ts';

/** What a service would be that takes events as they come: parses the JSON, and appends it to the log. */
const log = await openForWriting(logPlace(process.argv[2]));
const app = Fastify({ bodyLimit: 8 * 1_024 * 1_024 });

app.post<{ Body: { events: { user_id: string }[] } }>('/v1/events', async ({ body: { events } }) => {
  await log.append(
    'events',
    events.map((event) => ({ key: event.user_id, value: JSON.stringify(event) })),
  );
  return { accepted: events.length };
});

app.get('/metrics', ownUsage);

process.on('SIGTERM', () => void app.close().then(() => log.close()));
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`It listens on ${app.listeningOrigin}\n`);
