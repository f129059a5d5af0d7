import { Command } from 'commander';
import { exitWith } from '#runtime/process';
import { VERSION } from '#runtime/version';

/** In the order of the help. Each is loaded when it is wanted: to load all takes longer than most of them run. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  standalone: async () => (await import('#standalone/command')).standaloneCommand(),
  ingest: async () => (await import('#ingest/command')).ingestCommand(),
  projector: async () => (await import('#projector/command')).projectorCommand(),
  delivery: async () => (await import('#delivery/command')).deliveryCommand(),
  topics: async () => (await import('./topics.ts')).topicsCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  history: async () => (await import('./history.ts')).historyCommand(),
  stats: async () => (await import('./stats.ts')).statsCommand(),
  whatif: async () => (await import('./whatif.ts')).whatIfCommand(),
  snapshot: async () => (await import('./snapshot.ts')).snapshotCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  load: async () => (await import('./load.ts')).loadCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
  policy: async () => (await import('./policy.ts')).policyCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
};

const program = new Command('presently')
  .description('An event-sourced presence service on a message log.')
  .version(VERSION)
  .showHelpAfterError();

const [name = ''] = process.argv.slice(2);
const wanted = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
for (const one of wanted) {
  const command = await COMMANDS[one]?.();
  if (command !== undefined) program.addCommand(command);
}

await program.parseAsync().catch(exitWith);
