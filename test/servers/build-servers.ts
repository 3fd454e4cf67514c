import { join } from 'node:path'

import { buildGoProgram } from '../../src/local/go-build.ts'
import { findTemporalBinary } from '../../src/local/temporal-binary.ts'

/** The S3-compatible server that tests run against. */
export async function findVersitygw(): Promise<string> {
  return await buildGoProgram({
    moduleDir: join(import.meta.dirname, '../../infra/versitygw'),
    package: 'github.com/versity/versitygw/cmd/versitygw',
    name: 'versitygw',
    version: '1.8.0',
    onProgress: tell,
  })
}

/** The proxy that puts faults between two processes. */
export async function findToxiproxy(): Promise<string> {
  return await buildGoProgram({
    moduleDir: join(import.meta.dirname, '../../infra/toxiproxy'),
    package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
    name: 'toxiproxy',
    version: '2.5.0',
    onProgress: tell,
  })
}

/** Makes the servers that tests start, before the first test: where they must be built, that takes minutes. */
export async function setup(): Promise<void> {
  await findTemporalBinary({ onProgress: tell })
  await findVersitygw()
  await findToxiproxy()
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
