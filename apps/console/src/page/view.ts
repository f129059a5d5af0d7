import type { Change } from '#client/index';

/** A page of the console. */
export interface View {
  /** In the address, and in the navigation. */
  readonly name: string;
  readonly element: HTMLElement;
  /** Something has changed, which is in the roster already. */
  changed(change: Change): void;
  /** It comes into sight, or goes. */
  show(isShown: boolean): void;
  /** The user has signed out. */
  close(): void;
}
