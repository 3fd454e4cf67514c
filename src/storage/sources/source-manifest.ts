import { isObject } from '../../core/json.ts'
import { RetortError } from '../../core/errors.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import type { Store } from '../store.ts'
import type { RowBlock } from './row-lines.ts'

/** What makes a staged source complete; stored last. */
export interface SourceManifest {
  readonly version: 1
  readonly key: string
  readonly rows: number
  /** Every column's type over all rows, in the order in which columns were first seen. */
  readonly columns: ColumnSchemas
  /** Names of the blocks of rows in order; each begins with the position of its first row. */
  readonly blocks: readonly string[]
  /** Name of the object with 16 bytes of identity a row. */
  readonly identities: string
}

/** Keys of a source's objects. The names end in a hash of the content, so that a failed attempt never mixes with another. */
export const sourceKeys = {
  manifest: (key: string) => `sources/${key}/manifest.json`,
  block: (key: string, name: string) => `sources/${key}/rows/${name}`,
  identities: (key: string, name: string) => `sources/${key}/identities/${name}`,
}

const positionDigits = 10
const hashDigits = 16

/** The name of the block that begins with row `from`. */
export function blockName(from: number, sha256: string): string {
  return `${String(from).padStart(positionDigits, '0')}-${sha256.slice(0, hashDigits)}`
}

/** The blocks of a source, with their positions. */
export function sourceBlocks({
  key,
  blocks,
}: Pick<SourceManifest, 'key' | 'blocks'>): readonly RowBlock[] {
  return blocks.map((name) => ({
    key: sourceKeys.block(key, name),
    from: Number.parseInt(name, 10),
  }))
}

/** The manifest of a source; `undefined` where it is not staged, or not to the end. */
export async function readSourceManifest(
  store: Store,
  key: string,
): Promise<SourceManifest | undefined> {
  const bytes = await store.get(sourceKeys.manifest(key))
  if (bytes === undefined) return undefined
  const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (isObject(manifest) && manifest['version'] === 1)
    // Only this module's own writer puts version 1 there.
    return manifest as unknown as SourceManifest
  throw new RetortError(
    'store-newer',
    `Source '${key}' in ${store.uri} was staged by a newer version of Retort; update this one.`,
  )
}
