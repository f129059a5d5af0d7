import { Command } from 'commander';
import { exitWith } from '#runtime/process';
import { standaloneCommand } from '#standalone/command';
import { importCommand } from './import.ts';
import { loadCommand } from './load.ts';
import { policyCommand } from './policy.ts';
import { replayCommand } from './replay.ts';

const program = new Command('presently')
  .description('An event-sourced presence service on a message log.')
  .addCommand(standaloneCommand())
  .addCommand(replayCommand())
  .addCommand(importCommand())
  .addCommand(loadCommand())
  .addCommand(policyCommand())
  .showHelpAfterError();

await program.parseAsync().catch(exitWith);
