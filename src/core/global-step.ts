import type { Row } from './columns.ts'
import type { DatasetHub } from './dataset-hub.ts'
import type { Environment } from './environment.ts'
import type { ColumnSchemas, RowDefinition, StepOutput } from './step.ts'

/** What the code of a global step gets beside a row or all of them. */
export interface GlobalContext<Params extends Row = Row> {
  readonly params: Params
  readonly stepName: string
  /** The pipeline's seed. */
  readonly seed: number
  readonly signal: AbortSignal
  /** SHA-256 of a text in UTF-8: 32 bytes. */
  hash(text: string): Uint8Array
}

/** What a global step knows of one row beside its columns. */
export interface GlobalRow<In extends Row = Row> {
  readonly row: In
  readonly identity: string
}

/** What a global step has noted of some rows that follow each other. */
export interface Digests {
  /** How many rows they are of. */
  readonly rows: number
  /** Reads them: one digest behind the other, all of one length. */
  read(): Promise<Uint8Array>
}

/** What a global step can do with all rows that it leaves. */
export interface Delivery {
  readonly rows: AsyncIterable<Row>
  readonly columns: ColumnSchemas
  readonly hub: DatasetHub
}

/**
 * The code of a step that needs all rows before it can make the first.
 *
 * It works in up to three passes, each over parts of the rows that several workers take side by side, so that no
 * process ever holds all of them: `digest` notes of each row what matters for the others, `decide` sees all digests in
 * the order of the rows and decides for each, and `make` makes of each row what becomes of it.
 */
export interface GlobalDefinition<
  In extends Row = Row,
  Out extends Row = Row,
  Params extends Row = Row,
> extends RowDefinition<In, Out, Params> {
  readonly kind: 'global'
  /** Whether it comes after several steps, whose rows it gets one step after the other, with the columns of all of them. */
  readonly takesSeveral?: boolean
  /** The most rows that it makes, where its parameters tell that; for estimates. */
  mostRows?(params: Params): number
  /** What of a row has to be known to decide on the others: bytes, equally many for every row. */
  digest?(row: GlobalRow<In>, context: GlobalContext<Params>): Uint8Array
  /**
   * Decides for every row, and yields the decisions on each part in order: one behind the other, equally many bytes for
   * every row. Without `digest` it knows of each part how many rows it has.
   */
  decide?(parts: readonly Digests[], context: GlobalContext<Params>): AsyncIterable<Uint8Array>
  /** What becomes of a row: the columns that it adds, several rows, none, or a rejection; all rows stay where it is left out. */
  make?(row: GlobalRow<In>, decision: Uint8Array, context: GlobalContext<Params>): StepOutput<Out>
  /** Puts the rows into another order, that of these keys: 16 bytes or more that are as good as random, such as a hash. */
  shuffleKey?(row: GlobalRow, context: GlobalContext<Params>): Uint8Array
  /** Finds what of the environment a delivery lacks, before a run begins. @throws RetortError `key-missing` */
  checkEnvironment?(environment: Environment, stepName: string): void
  /** Does something with all rows that it leaves, before anything behind it begins; may be called again after a crash. */
  deliver?(delivery: Delivery, context: GlobalContext<Params>): Promise<void>
}
