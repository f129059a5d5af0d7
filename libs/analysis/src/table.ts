/** What a column holds. `time` is milliseconds since the epoch, `integer` a whole number. */
export type ColumnType = 'text' | 'integer' | 'real' | 'boolean' | 'time';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Value = string | number | boolean | null;
export type Row = readonly Value[];

/** The rows of an answer, in batches, so that it need not be in memory as a whole. Each has a value a column. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: AsyncIterable<readonly Row[]>;
}

/** Rows that are at hand or are made one by one, as a table. */
export function tableOf(columns: readonly Column[], rows: Iterable<Row>): Table {
  return { columns, rows: inBatches(rows) };
}

/** Only these columns of a table, in their order. */
export function withColumns({ columns, rows }: Table, names: readonly string[]): Table {
  const kept = columns.flatMap(({ name }, index) => (names.includes(name) ? [index] : []));
  const pick = async function* (): AsyncIterable<Row[]> {
    for await (const batch of rows) yield batch.map((row) => kept.map((index) => row[index] ?? null));
  };
  return { columns: columns.filter(({ name }) => names.includes(name)), rows: pick() };
}

const BATCH_ROWS = 1_000;

async function* inBatches(rows: Iterable<Row>): AsyncIterable<Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
