import { Command } from 'commander';
import { exitWith } from '#runtime/process';
import { VERSION } from '#runtime/version';
import { deliveryCommand } from '#delivery/command';
import { ingestCommand } from '#ingest/command';
import { projectorCommand } from '#projector/command';
import { standaloneCommand } from '#standalone/command';
import { benchCommand } from './bench.ts';
import { explainCommand } from './explain.ts';
import { historyCommand } from './history.ts';
import { importCommand } from './import.ts';
import { loadCommand } from './load.ts';
import { policyCommand } from './policy.ts';
import { replayCommand } from './replay.ts';
import { snapshotCommand } from './snapshot.ts';
import { statsCommand } from './stats.ts';
import { tokenCommand } from './token.ts';
import { topicsCommand } from './topics.ts';
import { verifyCommand } from './verify.ts';
import { whatIfCommand } from './whatif.ts';

const program = new Command('presently')
  .description('An event-sourced presence service on a message log.')
  .version(VERSION)
  .addCommand(standaloneCommand())
  .addCommand(ingestCommand())
  .addCommand(projectorCommand())
  .addCommand(deliveryCommand())
  .addCommand(topicsCommand())
  .addCommand(replayCommand())
  .addCommand(explainCommand())
  .addCommand(historyCommand())
  .addCommand(statsCommand())
  .addCommand(whatIfCommand())
  .addCommand(snapshotCommand())
  .addCommand(verifyCommand())
  .addCommand(importCommand())
  .addCommand(loadCommand())
  .addCommand(benchCommand())
  .addCommand(policyCommand())
  .addCommand(tokenCommand())
  .showHelpAfterError();

await program.parseAsync().catch(exitWith);
