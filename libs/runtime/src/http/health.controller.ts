import { Controller, Get, Header, HttpCode, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { Readiness } from '../readiness.ts';
import { METRICS } from '../tokens.ts';

@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  /** Whether the process lives. */
  @Get('healthz')
  @HttpCode(200)
  health(): { status: string } {
    return { status: 'ok' };
  }

  /** Whether it is caught up and can take traffic; 503 tells what it waits for. */
  @Get('readyz')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; waiting_for?: string[] } {
    const waiting = this.readiness.waitingFor();
    if (waiting.length === 0) return { status: 'ready' };
    void reply.status(503);
    return { status: 'not ready', waiting_for: waiting };
  }

  /** Prometheus metrics. */
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}
