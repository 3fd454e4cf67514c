import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import type { Environment } from '../../core/environment.ts'
import { RetortError } from '../../core/errors.ts'

import { type SharedLoad, SharedLoads } from '../shared-loads.ts'
import { OneByOne } from './one-by-one.ts'
import type {
  LoadOptions,
  ModelFacts,
  ThreadError,
  ThreadReply,
  ThreadRequest,
  ThreadWork,
} from './thread-messages.ts'

interface Pending {
  resolve(value: unknown): void
  reject(error: unknown): void
}

const loading = 0

// Weights are large and never written, so a process holds those of a model once, whoever asks.
const threads = new SharedLoads<ModelThread>((thread) => thread.close())

/** The thread that holds a model, the same for all who load it in the same way. */
export async function acquireThread(
  options: LoadOptions,
  environment: Environment,
): Promise<SharedLoad<ModelThread>> {
  await checkFolder(options)
  const { who: _, ...how } = options
  return await threads.acquire(JSON.stringify(how), () => ModelThread.start(options, environment))
}

/** Checks what the library would miss without naming it. */
async function checkFolder({ isLocal, source, who }: LoadOptions): Promise<void> {
  if (!isLocal) return
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    try {
      await access(join(source, name))
    } catch (error) {
      throw new RetortError(
        'file-missing',
        `${who} finds no ${name} in '${source}'; model takes the path of a folder with a model, or a name on the Hub.`,
        { cause: error },
      )
    }
}

/**
 * A model in a thread of its own.
 *
 * ONNX Runtime computes in the thread that calls it, and loads there, too: minutes in which the timers of this one
 * would stand still.
 */
export class ModelThread {
  readonly #who: string
  readonly #worker: Worker
  readonly #turns = new OneByOne()
  readonly #pending = new Map<number, Pending>()
  #facts: ModelFacts = { maxLength: 0 }
  #lastId = loading
  #isClosed = false
  /** Why no more work is done. */
  #end: RetortError | undefined

  private constructor(options: LoadOptions, environment: Environment) {
    this.#who = options.who
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(new URL(`./thread/main.${extension}`, import.meta.url), {
      workerData: options,
      // It reads the key of the Hub from there.
      env: { ...environment },
    })
    this.#worker.on('message', (reply: ThreadReply) => this.#settle(reply))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(undefined))
  }

  static async start(options: LoadOptions, environment: Environment): Promise<ModelThread> {
    const thread = new ModelThread(options, environment)
    try {
      thread.#facts = (await thread.#wait(loading)) as ModelFacts
      return thread
    } catch (error) {
      await thread.close()
      throw error
    }
  }

  get facts(): ModelFacts {
    return this.#facts
  }

  /** Has work done when all that came before is; a signal ends it, also in the middle. */
  async ask<Name extends keyof ThreadWork>(
    name: Name,
    request: ThreadWork[Name]['request'],
    signal?: AbortSignal,
  ): Promise<ThreadWork[Name]['reply']> {
    return await this.#turns.run(signal, async () => {
      const id = ++this.#lastId
      // A name and its request belong together, which the compiler cannot follow through a parameter of a type.
      this.#post({ id, name, request } as ThreadRequest)
      const onAbort = () => this.#post({ id, name: 'abort' })
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        return (await this.#wait(id)) as ThreadWork[Name]['reply']
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : error
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    })
  }

  /** Ends the thread, and what it does. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker.terminate()
  }

  #post(request: ThreadRequest): void {
    this.#worker.postMessage(request, [])
  }

  /** Waits for a reply; only meanwhile does the thread keep the process alive. */
  async #wait(id: number): Promise<unknown> {
    if (this.#end !== undefined) throw this.#end
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#pending.set(id, { resolve, reject })
    this.#worker.ref()
    try {
      return await promise
    } finally {
      this.#pending.delete(id)
      if (this.#pending.size === 0) this.#worker.unref()
    }
  }

  #settle(reply: ThreadReply): void {
    const pending = this.#pending.get(reply.id)
    if ('error' in reply) pending?.reject(toError(reply.error))
    else pending?.resolve(reply.value)
  }

  #fail(cause: unknown): void {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    this.#end ??= this.#isClosed
      ? new RetortError('worker-stopping', `${this.#who} was closed before it was done.`)
      : new RetortError('internal', `${this.#who} lost the thread that it ran in${why}.`, { cause })
    for (const { reject } of this.#pending.values()) reject(this.#end)
  }
}

function toError({ code, message, data, cause }: ThreadError): RetortError {
  return new RetortError(code, message, { data, ...(cause === '' ? {} : { cause }) })
}
