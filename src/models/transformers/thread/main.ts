import { parentPort, workerData } from 'node:worker_threads'

import { RetortError } from '../../../core/errors.ts'

import type { LoadOptions, ThreadError, ThreadReply, ThreadRequest } from '../thread-messages.ts'
import { embedTexts } from './embed-texts.ts'
import { type LoadedModel, loadModel } from './load-model.ts'
import { writeAnswer } from './write-answer.ts'

// What starts this thread gives it nothing else.
const options = workerData as LoadOptions
const aborts = new Map<number, AbortController>()
let loaded: LoadedModel | undefined

parentPort?.on('message', (message: ThreadRequest) => {
  if (message.name === 'abort') aborts.get(message.id)?.abort()
  else void reply(message.id, (signal) => work(message, signal))
})

await reply(0, async () => {
  loaded = await loadModel(options)
  return loaded.facts
})

async function work(
  message: Exclude<ThreadRequest, { name: 'abort' }>,
  signal: AbortSignal,
): Promise<unknown> {
  if (loaded === undefined) throw new TypeError('Nothing is loaded.')
  if (message.name === 'write') return await writeAnswer(loaded, message.request, signal)
  return await embedTexts(loaded, message.request)
}

async function reply(id: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const abort = new AbortController()
  aborts.set(id, abort)
  try {
    post({ id, value: await work(abort.signal) })
  } catch (error) {
    post({ id, error: toThreadError(error) })
  } finally {
    aborts.delete(id)
  }
}

function post(reply: ThreadReply): void {
  parentPort?.postMessage(reply, [])
}

function toThreadError(error: unknown): ThreadError {
  if (error instanceof RetortError) {
    const { code, message, data, cause } = error
    return { code, message, data, cause: cause instanceof Error ? String(cause) : '' }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `${options.who} failed: ${message.slice(0, 500).replace(/\.$/, '')}.`,
    data: {},
    cause: String(error),
  }
}
