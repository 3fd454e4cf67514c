import { startS3Server } from '../../test/servers/versitygw.ts'
import type { S3Server } from '../../test/servers/versitygw.ts'
import type { Lab } from './lab.ts'
import { startTemporalServer } from './temporal-server.ts'
import type { TemporalServer } from './temporal-server.ts'

const bucket = 'chaos'

/** A Temporal server and a bucket that commands reach by address, from any folder. */
export interface Place {
  readonly temporal: TemporalServer
  readonly s3: S3Server
  /** What a command needs to find them; each prefix of the bucket is a store of its own. */
  env(prefix: string): Readonly<Record<string, string>>
}

/** How a place differs from others. */
export interface PlaceOptions {
  /** Of the folder of the server's file; for a lab that opens several. */
  readonly name?: string
  readonly keepsConnections?: boolean
}

/** Starts both; they end with the lab. */
export async function openPlace(lab: Lab, options: PlaceOptions = {}): Promise<Place> {
  const [temporal, s3] = await Promise.all([
    startTemporalServer(lab, `temporal-${options.name ?? 'server'}`),
    openBucket(lab, options),
  ])
  return {
    temporal,
    s3,
    env: (prefix) => ({
      ...s3.env,
      RETORT_STORE: `s3://${bucket}/${prefix}`,
      TEMPORAL_ADDRESS: temporal.address,
    }),
  }
}

async function openBucket(lab: Lab, options: PlaceOptions): Promise<S3Server> {
  const s3 = await startS3Server(options)
  lab.defer(() => s3.stop())
  await s3.createBucket(bucket)
  return s3
}
