import type { RunPlace } from '../client/start-workflow.ts'
import { configuredTemporal, connectClient } from '../client/temporal.ts'
import type { TemporalPlace } from '../client/temporal.ts'
import { RetortError, isRetortError } from '../core/errors.ts'
import { openStore } from '../storage/open-store.ts'
import type { PlaceOptions } from './run-options.ts'
import type { Store } from '../storage/store.ts'
import { checkStore } from '../storage/store-info.ts'
import { connectEmbeddedServer } from './embedded-server.ts'
import { embeddedFolder, storeUri } from './store-uri.ts'

/** A store and a Temporal server, open. */
export interface OpenPlace extends RunPlace {
  readonly temporal: TemporalPlace
  /** Whether the server is the embedded one. */
  readonly isEmbedded: boolean
  close(): Promise<void>
}

/**
 * Opens the store and connects to Temporal: the configured server, or else the embedded one, which is started
 * where none runs.
 *
 * @throws RetortError with the verdict `invalid` where one of them cannot be had
 */
export async function openPlace(options: PlaceOptions = {}): Promise<OpenPlace> {
  const uri = storeUri(options)
  const configured = configuredTemporal()
  if (configured !== undefined && (options.port !== undefined || options.uiPort !== undefined))
    throw new RetortError(
      'usage',
      `Ports are for the embedded server, but TEMPORAL_ADDRESS names ${configured.connection.address}; unset one of the two.`,
    )
  const store = await openStore(uri)
  const storeId = await identify(store)
  const embedded =
    configured === undefined
      ? await connectEmbeddedServer({
          folder: embeddedFolder(options.folder),
          onProgress: options.onNotice,
          port: options.port,
          uiPort: options.uiPort,
        })
      : undefined
  const temporal = configured ?? toPlace(embedded)
  const client = await connectClient(temporal)
  return {
    client,
    store,
    storeId,
    temporal,
    isEmbedded: embedded !== undefined,
    async close() {
      await client.connection.close()
      embedded?.close()
      await store.close?.()
    },
  }
}

/** Before a run, whatever is wrong with a store means that it is the wrong place. */
async function identify(store: Store): Promise<string> {
  try {
    return (await checkStore(store)).storeId
  } catch (error) {
    if (!isRetortError(error) || error.verdict === 'invalid') throw error
    throw new RetortError('store-unreachable', error.message, { cause: error })
  }
}

function toPlace(
  embedded: Awaited<ReturnType<typeof connectEmbeddedServer>> | undefined,
): TemporalPlace {
  if (embedded === undefined)
    throw new RetortError('temporal-unreachable', 'There is no Temporal server.')
  return {
    connection: { address: embedded.address },
    namespace: embedded.namespace,
    uiUrl: embedded.uiUrl,
  }
}
