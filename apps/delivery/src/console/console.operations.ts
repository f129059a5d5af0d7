import { z } from 'zod';
import type { OperationDescription } from '#runtime/http/openapi/operation';

export const getConsole: OperationDescription = {
  id: 'console',
  tag: 'Service',
  summary: 'The web console',
  caller: 'anyone',
  answers: {
    200: {
      says: 'A page for browsers. If the console has not been built, it says how to.',
      schema: z.string(),
      contentType: 'text/html',
    },
  },
};

export const getConsoleAsset: OperationDescription = {
  id: 'consoleAsset',
  tag: 'Service',
  summary: 'What the console’s page loads',
  caller: 'anyone',
  path: { file: z.string().describe('As the page names it.') },
  answers: {
    200: { says: 'The file, which never changes under its name.', schema: z.string(), contentType: 'text/*' },
    404: { says: 'The console has no such file.' },
  },
};
