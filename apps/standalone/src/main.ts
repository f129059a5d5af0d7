import { standaloneCommand } from './command.ts';

await standaloneCommand('npm start --').parseAsync();
