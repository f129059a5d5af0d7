import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  TIMESTAMP_MS,
  VARCHAR,
} from '@duckdb/node-api';
import type { Column, ColumnType, Row, Table, Value } from '../table.ts';

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = {
  text: VARCHAR,
  integer: BIGINT,
  real: DOUBLE,
  boolean: BOOLEAN,
  time: TIMESTAMP_MS,
};

/** All rows of a table. */
export const ALL_ROWS = 'SELECT * FROM result';
/** The most rows that a chunk of DuckDB can hold. */
const CHUNK_ROWS = 2_048;

/** An answer as the DuckDB table `result`, in memory. Rejects with DuckDB's own error when a query is wrong. */
export class DuckDbResult {
  private constructor(private readonly connection: DuckDBConnection) {}

  /** Takes all rows of a table; times become TIMESTAMP_MS, in UTC. */
  static async of(table: Table): Promise<DuckDbResult> {
    // Nothing is fetched over the network, and what memory cannot hold goes where temporary files belong.
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      temp_directory: join(tmpdir(), 'presently-duckdb'),
    });
    const connection = await instance.connect();
    const types = table.columns.map(({ type }) => TYPES[type]);
    const fields = table.columns.map(({ name }, index) => `"${name}" ${String(types[index])}`);
    await connection.run(`CREATE TABLE result (${fields.join(', ')})`);
    const appender = await connection.createAppender('result');
    for await (const batch of table.rows) {
      for (let from = 0; from < batch.length; from += CHUNK_ROWS) {
        const rows = batch.slice(from, from + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create(types, rows.length);
        chunk.setColumns(table.columns.map(({ type }, index) => rows.map((row) => toDuckDb(type, row[index] ?? null))));
        appender.appendDataChunk(chunk);
      }
    }
    appender.closeSync();
    return new DuckDbResult(connection);
  }

  /** What a query says. */
  async query(sql: string): Promise<Table> {
    const result = await this.connection.stream(sql);
    const columns = result.deduplicatedColumnNames().map((name, index): Column => {
      return { name, type: columnType(result.columnTypeId(index)) };
    });
    return { columns, rows: rowsOf(result.yieldRows()) };
  }

  /** Writes what a query says to a Parquet file, in place of what is there. */
  async writeParquet(sql: string, path: string): Promise<void> {
    const query = sql.trim().replace(/;+$/, '');
    await this.connection.run(`COPY (${query}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
  }

  close(): void {
    this.connection.closeSync();
  }
}

function toDuckDb(type: ColumnType, value: Value): DuckDBValue {
  if (value === null || type === 'text' || type === 'boolean' || type === 'real') return value;
  return type === 'time' ? new DuckDBTimestampMillisecondsValue(BigInt(value)) : BigInt(value);
}

function columnType(id: DuckDBTypeId): ColumnType {
  switch (id) {
    case DuckDBTypeId.BOOLEAN:
      return 'boolean';
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
      return 'integer';
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.DECIMAL:
      return 'real';
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_MS:
      return 'time';
    default:
      return 'text';
  }
}

async function* rowsOf(batches: AsyncIterable<DuckDBValue[][]>): AsyncIterable<Row[]> {
  for await (const batch of batches) yield batch.map((row) => row.map(fromDuckDb));
}

function fromDuckDb(value: DuckDBValue): Value {
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis);
  if (value instanceof DuckDBTimestampValue) return Number(value.micros / 1_000n);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  return value === null || typeof value !== 'object' ? value : String(value);
}
