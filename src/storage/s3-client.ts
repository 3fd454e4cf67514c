import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

import { RetortError } from '../core/errors.ts'

const connectMs = 5_000
/** A server that is silent for longer in the middle of a request counts as gone. */
const silenceMs = 30_000

function ignore(): void {}
/** The SDK writes its warnings to the console unless it is given something else. */
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore }

/** What a client is told beside the environment; all of it can be left out. */
export type S3ClientOptions = Pick<S3ClientConfig, 'endpoint' | 'region' | 'credentials'>

/**
 * Makes a client for AWS or, where an endpoint is set, for a server that speaks its protocol.
 *
 * Endpoint, region and credentials come from the options, else from where every AWS tool looks (`AWS_ENDPOINT_URL_S3`,
 * `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, …), proxies from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
 *
 * @throws RetortError `usage` where the endpoint is no URL
 */
export async function createS3Client(options: S3ClientOptions = {}): Promise<S3Client> {
  const configured = new S3Client({ ...options, logger: silent })
  const endpoint = options.endpoint ?? (await configured.config.serviceConfiguredEndpoint?.())
  if (typeof endpoint === 'string' && !URL.canParse(endpoint))
    throw new RetortError(
      'usage',
      `'${endpoint}' is no address of an S3 server; set AWS_ENDPOINT_URL_S3 to one such as http://127.0.0.1:7070.`,
    )
  const region = await configured.config.region().catch(() => defaultRegion())
  configured.destroy()
  const agentOptions = { keepAlive: true, maxSockets: 256, proxyEnv: process.env }
  return new S3Client({
    ...options,
    region,
    followRegionRedirects: true,
    maxAttempts: 4,
    logger: silent,
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: silenceMs,
      httpAgent: new HttpAgent(agentOptions),
      httpsAgent: new HttpsAgent(agentOptions),
      logger: silent,
    },
    ...(endpoint === undefined ? {} : forOtherServers(endpoint)),
  })
}

/** Other servers rarely resolve a bucket's name as a host, and not all know the newer checksums. */
function forOtherServers(endpoint: NonNullable<S3ClientConfig['endpoint']>): S3ClientConfig {
  return {
    endpoint,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  }
}

function defaultRegion(): string {
  return process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1'
}
