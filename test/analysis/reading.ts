import type { Announced } from '#analysis/announcement-stream';
import { announcementsOf } from '#analysis/announcement-stream';
import { ANNOUNCEMENT_COLUMNS, announcementRow } from '#analysis/announcement-table';
import type { Row, Table } from '#analysis/table';
import { tableOf } from '#analysis/table';
import { fileSource } from '#cli/sources/file-source';
import type { Source } from '#cli/sources/source';
import { recordsOf } from '#cli/sources/source';
import { Fold } from '#domain/fold';
import type { Policy } from '#domain/policy';

export const sourceOf = (file: string): Source => fileSource(file, null, () => undefined);

/** A partition as the analyses take it. */
export const partitionOf = (file: string) => ({
  fold: new Fold(sourceOf(file).foldOptions),
  records: recordsOf(sourceOf(file)),
  refused: () => undefined,
});

/** What a replay of the file announces. */
export async function announcementsIn(file: string, policyOverride: Partial<Policy> = {}): Promise<Announced[]> {
  const fold = new Fold({ ...sourceOf(file).foldOptions, policyOverride });
  const announced: Announced[] = [];
  const end = { at: null, until: null };
  for await (const batch of announcementsOf(fold, recordsOf(sourceOf(file)), null, end, () => undefined)) {
    announced.push(...batch);
  }
  return announced;
}

export const announcementTable = (announced: readonly Announced[]): Table =>
  tableOf(ANNOUNCEMENT_COLUMNS, announced.map(announcementRow));

export async function rowsOf({ rows }: Table): Promise<Row[]> {
  const all: Row[] = [];
  for await (const batch of rows) all.push(...batch);
  return all;
}
