import { once } from 'node:events'
import { connect } from 'node:net'

import { Client, Connection } from '@temporalio/client'
import type { ConnectionOptions } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'

import { RetortError, messageOf } from '../core/errors.ts'

/** A Temporal server and how to reach it. */
export interface TemporalPlace {
  /** What clients and workers both take. */
  readonly connection: { readonly address: string } & Pick<ConnectionOptions, 'tls'> & {
      readonly apiKey?: string
      readonly metadata?: Record<string, string>
    }
  readonly namespace: string
  /** Where people look at it; `undefined` where that is not known. */
  readonly uiUrl: string | undefined
}

/**
 * The server that the environment and Temporal's own profile file name; `undefined` where they name none.
 *
 * @throws RetortError `temporal-unreachable` where the profile file cannot be read
 */
export function configuredTemporal(): TemporalPlace | undefined {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig()
    const { address } = connectionOptions
    if (address === undefined || address === '') return undefined
    const uiUrl = process.env['TEMPORAL_UI_URL']
    // Both clients take the same address, TLS settings and key.
    const connection = { ...connectionOptions, address } as TemporalPlace['connection']
    return { connection, namespace: namespace ?? 'default', uiUrl }
  } catch (cause) {
    throw new RetortError(
      'temporal-unreachable',
      `Temporal's configuration cannot be read: ${messageOf(cause)}.`,
      { cause },
    )
  }
}

/** Connects a client. @throws RetortError `temporal-unreachable` with the address, or the namespace */
export async function connectClient({ connection, namespace }: TemporalPlace): Promise<Client> {
  const connected = await open(connection)
  try {
    await connected.workflowService.describeNamespace({ namespace })
    return new Client({ connection: connected, namespace })
  } catch (cause) {
    await connected.close()
    throw new RetortError(
      'temporal-unreachable',
      `Temporal answers at ${connection.address}, but its namespace '${namespace}' cannot be used (${messageOf(cause)}); check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY.`,
      { cause },
    )
  }
}

async function open(connection: TemporalPlace['connection']): Promise<Connection> {
  try {
    await knock(connection.address)
    return await Connection.connect({ connectTimeout: '10 seconds', ...connection })
  } catch (cause) {
    throw new RetortError(
      'temporal-unreachable',
      `No Temporal server answers at ${connection.address} (${messageOf(cause)}); check TEMPORAL_ADDRESS, or unset it to use the embedded server.`,
      { cause },
    )
  }
}

/** Fails at once where nothing listens, for which a gRPC client would wait until its deadline. */
async function knock(address: string): Promise<void> {
  const [, host, port] = /^\[?([^/[\]]+)\]?:(\d+)$/.exec(address) ?? []
  const isProxied = ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => process.env[name])
  if (host === undefined || isProxied) return
  const socket = connect({ host, port: Number(port), timeout: 10_000 })
  try {
    await Promise.race([once(socket, 'connect'), once(socket, 'timeout')])
  } finally {
    socket.destroy()
  }
}

/** Where people look at a run. */
export function runUrl({ uiUrl, namespace }: TemporalPlace, run: string): string | undefined {
  return uiUrl === undefined
    ? undefined
    : `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(run)}`
}
