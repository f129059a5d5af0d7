import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { JsonFault, parseJson } from '#runtime/http/edge/json-text';
import { LargeBody } from '#runtime/http/edge/large-body';
import { badRequest } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { EVENTS_PER_REQUEST_MAX, EventWriter, UnreadableEvent } from '#service/writing/event-writer';
import { publishEvents } from './events.operations.ts';

@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly writer: EventWriter,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Takes `{"events":[…]}`, or NDJSON with an event a line. All or nothing; 200 once they are durable. */
  @Post()
  @Operation(publishEvents)
  @LargeBody()
  @HttpCode(200)
  async post(@Headers('authorization') authorization: string, @Body() body: unknown): Promise<{ accepted: number }> {
    await this.authenticator.upstream(bearerToken(authorization));
    const events = typeof body === 'string' ? readLines(body) : readBody(body);
    return { accepted: await this.writer.writeInTurn(events) };
  }
}

function readBody(body: unknown): unknown[] {
  const events: unknown = typeof body === 'object' && body !== null && 'events' in body ? body.events : undefined;
  if (Array.isArray(events)) return events;
  throw badRequest('Send {"events":[…]} as application/json, or one event a line as application/x-ndjson.');
}

function readLines(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // So many are refused, whatever is in them; and bad ones by the million would take seconds.
  return lines.length > EVENTS_PER_REQUEST_MAX ? lines : lines.map(readLine);
}

function readLine(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return new UnreadableEvent(`the line ${error.message}`);
  }
}
