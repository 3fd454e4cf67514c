import { routeTo } from '../../src/core/chunk-keys.ts'
import { hashJson, hashText } from '../../src/core/hash.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import { chunkKeys } from '../step-chunks.ts'

/** Sets of other formats are never looked up. */
const lineageVersion = 1

/** Where the rows of a global step are stored: below the hash of the step and of everything that it reads. */
export async function setKey(rows: PlanRows, step: number, isDelivered: boolean): Promise<string> {
  const { plan } = rows
  const { name = '', signature = '', after = [] } = plan.steps[step] ?? {}
  const inputs: unknown[] = []
  for (const before of after) inputs.push(await inputKey(rows, before))
  const lineage = [
    lineageVersion,
    name,
    signature,
    plan.seed,
    plan.epoch,
    inputs,
    after.map((before) => routeTo(plan.steps[before], step)),
    // What a preview leaves was delivered to nobody.
    ...(plan.isPreview === true && isDelivered ? ['preview'] : []),
  ]
  return `pipelines/${plan.spec.name}/sets/${signature}/${hashJson(lineage).slice(0, 32)}`
}

async function inputKey(rows: PlanRows, step: number): Promise<unknown> {
  const { plan, reach } = rows
  const planned = plan.steps[step]
  if (planned?.isGathered === true) {
    const source = plan.sources.find((one) => one.step === step)
    return source === undefined ? reach.sets[step]?.key : [source.key, rows.extentOf(step)]
  }
  const shards: string[] = []
  for (let shard = 0; shard < rows.shardsOf(step); shard++)
    shards.push(hashText((await chunkKeys(rows, step, shard)).join('\n')))
  return shards
}
