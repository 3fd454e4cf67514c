import { open } from 'node:fs/promises'
import { resolve } from 'node:path'

import type { Llama, LlamaModel } from 'node-llama-cpp'

import { RetortError } from '../../core/errors.ts'

import { importPeer } from '../import-peer.ts'
import { type SharedLoad, SharedLoads } from '../shared-loads.ts'
import type { GGUFParams } from './llama-cpp-params.ts'

type GGUFFile = Pick<GGUFParams, 'modelPath' | 'gpu' | 'gpuLayers'>

interface LoadOptions {
  readonly modelPath: string
  readonly gpu: NonNullable<GGUFParams['gpu']>
  readonly gpuLayers: NonNullable<GGUFParams['gpuLayers']>
}

type Module = typeof import('node-llama-cpp')

/** A model that is loaded, and what it came with. */
export interface LoadedGGUF {
  readonly module: Module
  readonly llama: Llama
  readonly model: LlamaModel
}

// Weights are large and never written, so a process holds those of a file once, whoever asks.
const loads = new SharedLoads<LoadedGGUF>(async ({ model, llama }) => {
  await model.dispose()
  await llama.dispose()
})

/**
 * Loads a GGUF file, once for all models of this process that compute with it.
 *
 * Nothing is compiled or downloaded.
 *
 * @param who - the model's type and name, which errors begin with
 * @throws RetortError `package-missing`, `file-missing`, `file-malformed`, `parameter-invalid` where memory is short
 */
export async function loadGGUF(
  type: string,
  who: string,
  { modelPath, gpu = 'auto', gpuLayers = 'auto' }: GGUFFile,
): Promise<SharedLoad<LoadedGGUF>> {
  const options: LoadOptions = {
    modelPath: resolve(modelPath),
    gpu,
    gpuLayers: gpuLayers === -1 ? 'max' : gpuLayers,
  }
  await checkFile(options.modelPath, who)
  const module = await importPeer('node-llama-cpp', type, () => import('node-llama-cpp'))
  return await loads.acquire(JSON.stringify(options), () => load(module, who, options))
}

/** The error of a model that memory is too small for, or the error itself. */
export function toMemoryError({ InsufficientMemoryError }: Module, who: string, error: unknown) {
  if (!(error instanceof InsufficientMemoryError)) return error
  return new RetortError(
    'parameter-invalid',
    `${who} needs more memory than there is; use smaller weights, or lower contextSize or parallel.`,
    { cause: error },
  )
}

async function load(module: Module, who: string, options: LoadOptions): Promise<LoadedGGUF> {
  let lastComplaint = ''
  const llama = await start(module, who, options.gpu, (complaint) => {
    lastComplaint ||= complaint
  })
  try {
    const { modelPath, gpuLayers } = options
    const model = await llama.loadModel({ modelPath, gpuLayers })
    return { module, llama, model }
  } catch (error) {
    await llama.dispose()
    const cause = toMemoryError(module, who, error)
    if (cause !== error) throw cause
    const why = lastComplaint || (error instanceof Error ? error.message : String(error))
    throw new RetortError(
      'file-malformed',
      `${who} could not load '${options.modelPath}': ${why.trim().replace(/\.$/, '')}.`,
      { cause },
    )
  }
}

async function start(
  { getLlama, LlamaLogLevel, NoBinaryFoundError }: Module,
  who: string,
  gpu: LoadOptions['gpu'],
  complain: (message: string) => void,
): Promise<Llama> {
  try {
    return await getLlama({
      gpu,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
      logger: (_level, message) => complain(message),
    })
  } catch (error) {
    if (!(error instanceof NoBinaryFoundError)) throw error
    throw new RetortError(
      'package-missing',
      `${who} found no binary of llama.cpp for this machine${gpu === 'auto' || gpu === false ? '' : ` and gpu '${gpu}'`}; run 'npx node-llama-cpp source build' beside your pipeline.`,
      { cause: error },
    )
  }
}

async function checkFile(path: string, who: string): Promise<void> {
  let start: string
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    start = buffer.toString('latin1', 0, bytesRead)
  } catch (error) {
    throw new RetortError(
      'file-missing',
      `${who} cannot read '${path}'; modelPath takes the path of a GGUF file.`,
      { cause: error },
    )
  }
  if (start !== 'GGUF')
    throw new RetortError(
      'file-malformed',
      `${who} needs a GGUF file, and '${path}' is none; convert the model, or take one that is ready.`,
    )
}
