import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { createFileStore } from '../../src/storage/file-store.ts'
import { createBoundedTasks } from '../../src/storage/sources/bounded-tasks.ts'
import { getRowBlock, putRowBlock } from '../../src/storage/sources/row-block.ts'

// `node write-and-read.ts FILE`: writes the rows of a file into a store once, and reads them once, as blocks of 1,000
// compressed rows; prints the seconds that takes. It is what work on all rows can hardly do without.

const blockRows = 1_000
const blocksAtOnce = 4

const [file = ''] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'retort-bench-store-'))
const store = createFileStore(folder)
const startedAt = performance.now()
const names: string[] = []
const puts = createBoundedTasks(blocksAtOnce)
let block: string[] = []
const putBlock = async () => {
  const [lines, index] = [block, names.push('') - 1]
  block = []
  const nameOf = (sha256: string) => `${index}-${sha256.slice(0, 16)}`
  await puts.start(async () => {
    names[index] = await putRowBlock(store, 'rows/', nameOf, lines)
  })
}
for await (const line of createInterface({ input: createReadStream(file) })) {
  block.push(JSON.stringify(JSON.parse(line)))
  if (block.length === blockRows) await putBlock()
}
if (block.length > 0) await putBlock()
await puts.drain()
let characters = 0
for (const name of names)
  for (const line of await getRowBlock(store, `rows/${name}`))
    characters += JSON.stringify(JSON.parse(line)).length
const seconds = (performance.now() - startedAt) / 1_000
await rm(folder, { recursive: true })
process.stdout.write(`${seconds} ${characters}\n`)
