import type { Environment } from '../../core/environment.ts'
import type { Buckets } from './buckets.ts'
import type { HubDatasets } from './hub-datasets.ts'

/** What holds files that are not on this machine, opened when the first of them is met. */
export interface Remotes {
  /** For `s3://` addresses. */
  buckets(): Promise<Buckets>
  /** For `hf://` addresses. */
  datasets(): Promise<HubDatasets>
}

/** Opens each at most once; by default with the variables that the AWS SDK and the Hub's own tools read. */
export function createRemotes(
  environment: Environment,
  openBuckets: () => Promise<Buckets> = openS3Buckets,
): Remotes {
  let buckets: Promise<Buckets> | undefined
  let datasets: Promise<HubDatasets> | undefined
  return {
    buckets: () => (buckets ??= openBuckets()),
    datasets: () => (datasets ??= openHubDatasets(environment)),
  }
}

async function openS3Buckets(): Promise<Buckets> {
  // The SDK takes long to load, and few sources are in buckets.
  const [{ createS3Buckets }, { createS3Client }] = await Promise.all([
    import('./s3-buckets.ts'),
    import('../s3-client.ts'),
  ])
  return createS3Buckets(await createS3Client())
}

async function openHubDatasets(environment: Environment): Promise<HubDatasets> {
  // As above.
  const [{ readHubDatasets }, { openHub }] = await Promise.all([
    import('../hub/read-hub-datasets.ts'),
    import('../hub/open-hub.ts'),
  ])
  return readHubDatasets(await openHub(environment))
}
