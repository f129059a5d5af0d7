import type { UserPresence } from '#client/index';

/** What is shown of a user, now or in the past. */
export type Person = Pick<UserPresence, 'userId' | 'presence' | 'currentlyActive' | 'statusMsg' | 'lastActiveAgo'>;

/** The user as they were shown `msAgo` milliseconds ago, when nothing newer was known of them. */
export function asOf({ userId, presence, currentlyActive, statusMsg, lastActiveAgo }: Person, msAgo: number): Person {
  const ago = lastActiveAgo === null ? null : Math.max(0, lastActiveAgo - msAgo);
  return { userId, presence, currentlyActive, statusMsg, lastActiveAgo: ago };
}
