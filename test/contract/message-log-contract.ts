import { groupContract } from './group-contract.ts';
import type { OpenLog } from './open-log.ts';
import { ownershipContract } from './ownership-contract.ts';
import { recordsContract } from './records-contract.ts';

/** Holds an adapter to everything that the port promises. */
export function messageLogContract(name: string, open: OpenLog): void {
  describe(`${name} keeps the contract of records`, () => {
    recordsContract(open);
  });
  describe(`${name} keeps the contract of ownership`, () => {
    ownershipContract(open);
  });
  describe(`${name} keeps the contract of groups`, () => {
    groupContract(open);
  });
}
