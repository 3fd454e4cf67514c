import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { configuredTemporal, connectClient } from '../client/temporal.ts'
import { messageOf } from '../core/errors.ts'
import { openStore } from '../storage/open-store.ts'
import { probeStore } from '../storage/probe-store.ts'
import { checkStore } from '../storage/store-info.ts'
import { storeUri } from './store-uri.ts'
import { installedTemporal } from './temporal-binary.ts'

/** One thing that runs need, and whether it is so. */
export interface PlaceCheck {
  readonly name: string
  readonly isOk: boolean
  /** What was found and, where it is wrong, what to do. */
  readonly message: string
}

/** Variables that keys are read from where a pipeline names no others. */
const keyVariables = ['MISTRAL_API_KEY', 'OPENAI_API_KEY']

/** Checks Node, Temporal, the store and the keys, each by using it. */
export async function checkPlaces(options: {
  readonly store?: string | undefined
}): Promise<readonly PlaceCheck[]> {
  return [
    { name: 'Node', isOk: true, message: `${process.versions.node} (22.19 or newer is needed)` },
    await checkTemporal(),
    ...(await checkStorage(storeUri(options))),
    checkKeys(),
  ]
}

async function checkTemporal(): Promise<PlaceCheck> {
  const name = 'Temporal'
  try {
    const configured = configuredTemporal()
    if (configured === undefined) return { name, isOk: true, message: await embeddedMessage() }
    const client = await connectClient(configured)
    await client.connection.close()
    const { address } = configured.connection
    return { name, isOk: true, message: `${address}, namespace '${configured.namespace}'` }
  } catch (error) {
    return { name, isOk: false, message: messageOf(error) }
  }
}

async function embeddedMessage(): Promise<string> {
  const installed = await installedTemporal()
  if (installed !== undefined) {
    const where = installed.source === 'path' ? 'on the PATH' : `at ${installed.path}`
    return `none configured, so runs use the embedded server, whose program is ${where}`
  }
  const hasGo = await promisify(execFile)('go', ['version']).then(
    () => true,
    () => false,
  )
  return `none configured; the first run downloads the embedded server${
    hasGo
      ? ', or builds it with Go in three to four minutes'
      : ' (or builds it, where Go is installed)'
  }`
}

async function checkStorage(uri: string): Promise<readonly PlaceCheck[]> {
  const name = 'Store'
  try {
    const store = await openStore(uri)
    await checkStore(store)
    const probes = await probeStore(store)
    await store.close?.()
    const problems = probes.filter(({ ok }) => !ok)
    const does = probes.map((probe) => probe.name).join(', ')
    if (problems.length === 0)
      return [{ name, isOk: true, message: `${uri} does what runs rely on (${does})` }]
    return problems.map((probe) => ({
      name: `${name}, ${probe.name}`,
      isOk: false,
      message: `${probe.message} Choose another with --store or RETORT_STORE.`,
    }))
  } catch (error) {
    return [{ name, isOk: false, message: messageOf(error) }]
  }
}

function checkKeys(): PlaceCheck {
  const set = keyVariables.filter((name) => (process.env[name]?.trim() ?? '') !== '')
  const message =
    set.length === 0
      ? `neither ${keyVariables.join(' nor ')} is set, so llmFromEnvironment() gives simulated answers`
      : `${set.join(' and ')} ${set.length === 1 ? 'is' : 'are'} set`
  return { name: 'Keys', isOk: true, message }
}
