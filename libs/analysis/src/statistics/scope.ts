/** Of whom and of when statistics are asked. */
export interface Scope {
  /** From this time on, milliseconds; null: from the first event on. */
  readonly from: number | null;
  /** Only this user. */
  readonly user: string | null;
  /** Only members of this room, while they are that. */
  readonly room: string | null;
}
