import { FencedError, LogConfigError, LogUnavailableError } from '../errors.ts';

/** What brokers answer to a producer whose transactional id has a newer one. */
const FENCING = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

/** An error of kafkajs as the port has it. `doing` completes "Kafka …". */
export function logError(error: unknown, doing: string): Error {
  if (error instanceof FencedError || error instanceof LogConfigError || error instanceof LogUnavailableError)
    return error;
  const { type, message } = rootOf(error);
  if (type !== undefined && FENCING.has(type)) {
    return new FencedError(`Another owner has taken over (${type}).`, { cause: error });
  }
  return new LogUnavailableError(`Kafka ${doing}: ${message}`, { cause: error });
}

/** The coordinator of a group is getting ready, as that of a new group does: kafkajs gives up, and need not. */
export function isLoading(error: unknown): boolean {
  const { type } = rootOf(error);
  return type === 'GROUP_LOAD_IN_PROGRESS' || type === 'GROUP_COORDINATOR_NOT_AVAILABLE';
}

/** kafkajs wraps what a broker said in what became of its tries, and what it said of several topics in one error. */
function rootOf(error: unknown): { type?: string; message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  if (error.cause instanceof Error) return rootOf(error.cause);
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return rootOf(error.errors[0]);
  const type = 'type' in error && typeof error.type === 'string' ? { type: error.type } : {};
  return { ...type, message: error.message };
}
