import { createColumnUnion } from '../../core/column-union.ts'
import type { Row } from '../../core/columns.ts'
import { messageOf, RetortError } from '../../core/errors.ts'
import { canonicalJson, isObject } from '../../core/json.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import type { Store } from '../store.ts'
import { createBoundedTasks } from './bounded-tasks.ts'
import type { BoundedTasks } from './bounded-tasks.ts'
import { putRowBlock } from './row-block.ts'
import { createRowIdentities } from './row-identities.ts'
import type { RowIdentities } from './row-identities.ts'
import type { Identities } from './row-identity.ts'
import { createRowLines } from './row-lines.ts'
import { blockName, readSourceManifest, sourceBlocks, sourceKeys } from './source-manifest.ts'
import type { SourceManifest } from './source-manifest.ts'

/** What is staged, and under which name. */
export interface StageRequest {
  /** Names the rows: a hash that is the same as long as they are. */
  readonly key: string
  readonly rows: AsyncIterable<Row> | Iterable<Row>
  readonly signal: AbortSignal
  /** Told how many rows were read, now and then. */
  readonly onProgress?: (rows: number) => void
  /** Rows whose hashes may be in memory at once; 1,000,000 by default. */
  readonly maxRowsInMemory?: number
}

/** A block ends after so many rows, or so many characters of JSON. */
const blockRows = 1_000
const blockCharacters = 4 * 1024 * 1024
const putsAtOnce = 4
const defaultRowsInMemory = 1_000_000

/** Puts rows into the store, then the manifest that makes them complete; returns the manifest that stands there. */
export async function stageRows(store: Store, request: StageRequest): Promise<SourceManifest> {
  const { key } = request
  const puts = createBoundedTasks(putsAtOnce)
  const identities = createRowIdentities(request.maxRowsInMemory ?? defaultRowsInMemory)
  try {
    const { rows, columns, blocks } = await putRows(store, request, puts, identities)
    let lines: ReturnType<typeof createRowLines> | undefined
    const found = await identities.finish(async (position) => {
      if (lines === undefined) await puts.drain()
      lines ??= createRowLines(store, sourceBlocks({ key, blocks }), blockCharacters)
      const [line = ''] = await lines(position, position + 1)
      return canonicalJson(JSON.parse(line))
    })
    const name = found.sha256.slice(0, 16)
    await puts.start(() => putIdentities(store, sourceKeys.identities(key, name), found))
    await puts.drain()
    return await putManifest(store, { version: 1, key, rows, columns, blocks, identities: name })
  } finally {
    await puts.drain().catch(() => undefined)
    await identities.dispose()
  }
}

interface PutRows {
  readonly rows: number
  readonly columns: ColumnSchemas
  /** Names of the blocks, each there once its put has ended. */
  readonly blocks: readonly string[]
}

async function putRows(
  store: Store,
  { key, rows, signal, onProgress }: StageRequest,
  puts: BoundedTasks,
  identities: RowIdentities,
): Promise<PutRows> {
  const union = createColumnUnion()
  const blocks: string[] = []
  let count = 0
  let lines: string[] = []
  let characters = 0
  const endBlock = async () => {
    const block = lines
    const from = count - block.length
    const index = blocks.push('') - 1
    lines = []
    characters = 0
    await puts.start(async () => {
      const name = (sha256: string) => blockName(from, sha256)
      blocks[index] = await putRowBlock(store, sourceKeys.block(key, ''), name, block)
    })
    await identities.flush()
    signal.throwIfAborted()
    onProgress?.(count)
  }
  for await (const row of rows) {
    const json = toJson(row, count)
    identities.add(canonicalJson(row))
    union.add(row)
    lines.push(json)
    characters += json.length
    count++
    if (lines.length >= blockRows || characters >= blockCharacters) await endBlock()
  }
  if (lines.length > 0) await endBlock()
  return { rows: count, columns: union.columns(), blocks }
}

function toJson(row: unknown, position: number): string {
  if (!isObject(row))
    throw new RetortError('step-threw', `Row ${position + 1} of the source is no object.`)
  try {
    return JSON.stringify(row)
  } catch (cause) {
    throw new RetortError(
      'step-threw',
      `Row ${position + 1} of the source cannot be written as JSON: ${messageOf(cause)}`,
      { cause },
    )
  }
}

/** Below this an object is put at once, which takes one round trip. */
const smallBytes = 16 * 1024 * 1024

async function putIdentities(store: Store, at: string, found: Identities): Promise<void> {
  if (found.size > smallBytes) {
    await store.writeIfAbsent(at, found.pieces())
    return
  }
  const pieces: Uint8Array[] = []
  for await (const piece of found.pieces()) pieces.push(piece)
  await store.putIfAbsent(at, Buffer.concat(pieces))
}

async function putManifest(store: Store, manifest: SourceManifest): Promise<SourceManifest> {
  const bytes = new TextEncoder().encode(JSON.stringify(manifest))
  if (await store.putIfAbsent(sourceKeys.manifest(manifest.key), bytes)) return manifest
  return (await readSourceManifest(store, manifest.key)) ?? manifest
}
