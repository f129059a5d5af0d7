/** For what is tried again anyway, or shows itself otherwise. */
export const ignore = (): void => undefined;

/** What to tell the user. */
export function sentenceOf(error: unknown): string {
  return error instanceof TypeError ? 'The server cannot be reached.' : String((error as Error).message);
}
