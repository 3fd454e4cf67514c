import { RetortError } from '../../src/core/errors.ts'
import type { ChatRequest } from '../../src/core/chat.ts'
import type { LLM } from '../../src/core/llm-spec.ts'
import { worstCase } from '../../src/models/worst-case.ts'
import type { Store } from '../../src/storage/store.ts'
import { AnswerCount } from '../answers.ts'
import type { Answers, AskedRequest } from '../answers.ts'
import type { GatedServices } from '../gated-work.ts'
import type { CalledModel } from '../model-call.ts'
import { askStep, batchRows } from '../run-batch.ts'
import type { BatchTask } from '../run-batch.ts'
import { chunkKeys, storedChunkKeys } from '../step-chunks.ts'
import type { InputLine } from './intents.ts'

/** What finding requests needs. */
export interface CollectServices extends GatedServices {
  readonly store: Store
  readonly live: LLM
}

/** A request that nobody has answered. */
const unanswered = new RetortError('run-paused', 'The answer is left to a batch job.')

/**
 * Finds what a step would ask about the rows of a shard, as the lines of a job's input.
 *
 * What the journal answers is not asked; an answer that does not hold leads to what would be asked next.
 */
export async function* collectRequests(
  task: Omit<BatchTask, 'batch'>,
  services: CollectServices,
): AsyncGenerator<InputLine> {
  const { loaded, store, scope } = services
  const { step, shard } = task
  const there = await storedChunkKeys(store, loaded.plan, step, shard)
  const keys = await chunkKeys(loaded.at(task.reach), step, shard)
  for (const [batch, key] of keys.entries()) {
    scope.signal.throwIfAborted()
    if (there.has(key)) continue
    yield* await collectBatch({ ...task, batch }, services)
  }
}

async function collectBatch(task: BatchTask, services: CollectServices): Promise<InputLine[]> {
  const { loaded, journal, live } = services
  const { jobs } = live
  const parameters = loaded.steps[task.step]?.model?.parameters ?? {}
  const found: InputLine[] = []
  let asked: AskedRequest | undefined
  const collecting: LLM = {
    ...live,
    mostChoices: 1,
    chat: (request: ChatRequest) => {
      if (asked !== undefined && jobs !== undefined)
        found.push({
          ...asked,
          worst: worstCase(request, parameters),
          text: jobs.toLine({ id: asked.hash, request }),
        })
      return Promise.reject(unanswered)
    },
  }
  const model: CalledModel = {
    live: collecting,
    // Whether it does is told when it is asked online.
    continuesPrompts: true,
    call: async ({ attempt }) => {
      await attempt({})
      throw unanswered
    },
  }
  const answers: Answers = {
    get: (requests, ask) =>
      requests.map(async (request, index) => {
        const { hash } = request
        const known = (await journal.find([hash])).get(hash)
        if (known !== undefined) return known
        // What is asked is asked before this returns.
        asked = request
        const [going = Promise.reject(unanswered)] = ask([index])
        asked = undefined
        return await going
      }),
  }
  const rows = await batchRows(task, services)
  const count = new AnswerCount(task.ref.run)
  const { signal } = services.scope
  await askStep(task, services, { rows, model, answers, count, signal }).catch((error: unknown) => {
    if (error !== unanswered) throw error
  })
  return found
}
