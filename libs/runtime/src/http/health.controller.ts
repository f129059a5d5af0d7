import { Controller, Get, Header, HttpCode, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { Readiness } from '../readiness.ts';
import { METRICS } from '../tokens.ts';
import { retryLaterSchema } from './matrix-error.schemas.ts';
import { Operation } from './openapi/operation.ts';

const RETRY_AFTER_S = 1;

const aliveSchema = z.object({ status: z.literal('ok') });
const readySchema = z.object({ status: z.literal('ready') });
const notReadySchema = z.object({
  status: z.literal('not ready'),
  waiting_for: z.array(z.string()).describe('What it waits for, a sentence each.'),
});

@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  /** Whether the process lives. */
  @Get('healthz')
  @HttpCode(200)
  @Operation({
    id: 'health',
    tag: 'Service',
    summary: 'Whether the process lives',
    caller: 'anyone',
    answers: { 200: { says: 'It does.', schema: aliveSchema } },
  })
  health(): { status: string } {
    return { status: 'ok' };
  }

  /** Whether it is caught up and can take traffic; 503 tells what it waits for. */
  @Get('readyz')
  @Operation({
    id: 'readiness',
    tag: 'Service',
    summary: 'Whether it is caught up and can take traffic',
    caller: 'anyone',
    answers: {
      200: { says: 'It can.', schema: readySchema },
      503: {
        says: 'Not now: for what it waits, or what is too far behind; or an error, while it stops.',
        schema: z.union([notReadySchema, retryLaterSchema]),
      },
    },
  })
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; waiting_for?: string[] } {
    const waiting = this.readiness.waitingFor();
    if (waiting.length === 0) return { status: 'ready' };
    void reply.status(503).header('retry-after', RETRY_AFTER_S);
    return { status: 'not ready', waiting_for: waiting };
  }

  /** Prometheus metrics. */
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Operation({
    id: 'metrics',
    tag: 'Service',
    summary: 'Metrics for Prometheus',
    caller: 'anyone',
    answers: { 200: { says: 'In Prometheus’ text format.', schema: z.string(), contentType: 'text/plain' } },
  })
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}
