import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { foldOf, stateOf } from '#analysis/fold-state';
import type { Fold, FoldOptions } from '#domain/fold';
import type { StateRecord } from '#domain/state-records';
import { CommandError } from '#runtime/process';
import type { Place } from '../sources/source.ts';

/** `TIME-OFFSET-BYTE.ndjson.gz`; in a log, which has no bytes, the last is `log`. */
const NAME = /^(\d+)-(\d+)-(\d+|log)\.ndjson\.gz$/;

/**
 * The snapshots of one source: a compressed file each, with the records of a fold's whole state. The directory is named for
 * the source as it is, so that those of a file that was changed since are not found.
 */
export class SnapshotStore {
  private readonly path: string;

  constructor(
    directory: string,
    private readonly identity: string,
  ) {
    this.path = join(directory, identity);
  }

  /** Where there are snapshots, the earliest first. */
  places(): Place[] {
    return namesIn(this.path)
      .flatMap((name): Place[] => {
        const [, t, offset, byte] = NAME.exec(name) ?? [];
        if (t === undefined) return []; // half written, or not ours
        return [{ t: Number(t), offset: Number(offset), byte: byte === 'log' ? null : Number(byte) }];
      })
      .sort((a, b) => a.offset - b.offset);
  }

  /** The last place whose log time is before `t`, milliseconds; null: there is none. */
  lastBefore(t: number): Place | null {
    return this.places().findLast((place) => place.t < t) ?? null;
  }

  /** The fold as it was there. Throws a `CommandError` when that cannot be read. */
  restore(place: Place, options: FoldOptions): Fold {
    const path = join(this.path, nameOf(place));
    try {
      const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
      return foldOf(
        lines.map((line) => JSON.parse(line) as StateRecord),
        options,
      );
    } catch (error) {
      throw new CommandError(
        `The snapshot ${path} cannot be used: ${(error as Error).message} Delete it, and make it anew.`,
      );
    }
  }

  /** Keeps the state of a fold that is at this place. Either all of it is there, or nothing. */
  write(place: Place, fold: Fold): void {
    let text = '';
    for (const record of stateOf(fold, this.identity)) text += `${JSON.stringify(record)}\n`;
    const path = join(this.path, nameOf(place));
    mkdirSync(this.path, { recursive: true });
    writeFileSync(`${path}.tmp`, gzipSync(text, { level: 1 }), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  }
}

const nameOf = ({ t, offset, byte }: Place): string => `${t}-${offset}-${byte ?? 'log'}.ndjson.gz`;

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CommandError(`The snapshots in ${path} cannot be read: ${(error as Error).message}.`);
  }
}
