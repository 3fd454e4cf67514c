import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { seededRandom } from '../fake-server/seeded-random.ts'

const characters = 950
/** One of so many rows is like an earlier one. */
const repeats = 10

const random = seededRandom(1)
const words = Array.from({ length: 4_000 }, () => Math.floor(random() * 36 ** 6).toString(36))

/** A row of about 1 kB of words, as one line of JSON; every tenth is the fifth before it again. */
export function kilobyteRow(index: number): string {
  const id = index % repeats === repeats - 1 ? index - repeats / 2 : index
  const choose = seededRandom(id)
  let text = ''
  while (text.length < characters) text += `${words[Math.floor(choose() * words.length)]} `
  return JSON.stringify({ id, text })
}

/** How many of so many rows are like no earlier one. */
export function distinctRows(rows: number): number {
  return rows - Math.floor(rows / repeats)
}

/** Writes rows to a file, a line each. */
export async function writeKilobyteRows(file: string, rows: number): Promise<void> {
  const lines = function* () {
    for (let index = 0; index < rows; index++) yield `${kilobyteRow(index)}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
}
