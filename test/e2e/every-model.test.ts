import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../src/core/json.ts'
import type { ModelKind } from '../../src/core/llm-spec.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { startAnthropic } from '../models/servers/anthropic.ts'
import { startCohere } from '../models/servers/cohere.ts'
import { startGoogle } from '../models/servers/google.ts'
import { startHuggingFace } from '../models/servers/hugging-face.ts'
import { startMistral } from '../models/servers/mistral.ts'
import { startOllama } from '../models/servers/ollama.ts'
import { writeTinyModels } from '../models/servers/tiny-models.ts'
import { startFakeBatches } from '../servers/openai/fake-batches.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { runToResult } from './retort-command.ts'

const key = 'test-key-0123456789'
const maxNewTokens = 12
// Mistral's own stays away, or the environment would choose its model.
const keyVariables = [
  'ANTHROPIC_API_KEY',
  'ANYSCALE_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'CO_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GROQ_API_KEY',
  'HF_TOKEN',
  'LITELLM_API_KEY',
  'OPENAI_API_KEY',
  'OPENROUTER_API_KEY',
  'OTHER_KEY',
  'TOGETHER_API_KEY',
]
const steps: Readonly<Record<ModelKind, (model: JsonObject) => JsonObject>> = {
  llm: (llm) => ({ type: 'TextGeneration', params: { llm } }),
  embeddings: (embeddings) => ({ type: 'EmbeddingGeneration', params: { embeddings } }),
  images: (imageGenerationModel) => ({ type: 'ImageGeneration', params: { imageGenerationModel } }),
}

let project: Project
const ends: (() => Promise<unknown>)[] = []
/** Parameters of each type, so that it asks a server of this machine or runs in the process. */
let params: Readonly<Record<string, JsonObject>>
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  project = createProject()
  // A fake of many providers that others made.
  const mock = new LLMock({ port: 0 })
  mock.onMessage('retort', { content: 'A vessel.' })
  await mock.start()
  const started = await Promise.all([
    startFakeBatches({}),
    startAnthropic(),
    startCohere(),
    startGoogle(),
    startMistral(),
    startOllama(),
    startHuggingFace(),
  ])
  ends.push(() => mock.stop(), ...started.map((server) => () => server.close()))
  const [openAI, anthropic, cohere, google, mistral, ollama, huggingFace] = started
  const tiny = await writeTinyModels(project.folder)
  const baseURL = `${mock.url}/v1`
  const own = { model: 'm', baseURL }
  const vectors = { model: 'm', baseURL: `${openAI.url}/v1` }
  env = Object.fromEntries(keyVariables.map((name) => [name, key]))
  env['OPENAI_BASE_URL'] = baseURL
  params = {
    OpenAILLM: own,
    AzureOpenAILLM: { model: 'm', endpoint: mock.url },
    TogetherLLM: own,
    GroqLLM: own,
    AnyscaleLLM: own,
    LiteLLM: own,
    OpenRouterLLM: own,
    vLLM: own,
    ClientvLLM: own,
    LlamaCppServerLLM: own,
    MlxLLM: own,
    MistralLLM: { model: 'm', baseURL: mistral.url, apiKeyEnv: 'OTHER_KEY' },
    AnthropicLLM: { model: 'claude-test', baseURL: anthropic.url },
    CohereLLM: { model: 'm', baseURL: cohere.url },
    GeminiLLM: { model: 'gemini-test', baseURL: google.url },
    VertexAILLM: { model: 'gemini-test', baseURL: google.url },
    OllamaLLM: { model: 'm', host: ollama.url },
    InferenceEndpointsLLM: { baseURL: `${huggingFace.url}/v1` },
    LlamaCppLLM: { modelPath: tiny.gguf, generationKwargs: { maxNewTokens } },
    TransformersLLM: { model: tiny.onnx, generationKwargs: { maxNewTokens } },
    MixtureOfAgentsLLM: {
      aggregator: { type: 'OpenAILLM', params: own },
      proposers: [{ type: 'GroqLLM', params: own }],
    },
    LLMFromEnvironment: {},
    SimulatedLLM: {},
    OpenAIEmbeddings: vectors,
    vLLMEmbeddings: vectors,
    TogetherEmbeddings: vectors,
    MistralEmbeddings: { model: 'm', baseURL: mistral.url, apiKeyEnv: 'OTHER_KEY' },
    CohereEmbeddings: { model: 'm', baseURL: cohere.url },
    GoogleEmbeddings: { model: 'm', baseURL: google.url },
    OllamaEmbeddings: { model: 'm', host: ollama.url },
    LlamaCppEmbeddings: { modelPath: tiny.embeddingGguf },
    TransformersEmbeddings: { model: tiny.encoder },
    SentenceTransformerEmbeddings: { model: tiny.encoder },
    SimulatedEmbeddings: {},
    OpenAIImageGeneration: { model: 'gpt-image-1', baseURL: `${openAI.url}/v1` },
    InferenceEndpointsImageGeneration: { baseURL: huggingFace.url },
    SimulatedImageGeneration: {},
  }
})

afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  project.remove()
})

test('every type of model takes part in a pipeline, against servers that speak its protocol', async () => {
  const types = [...builtInRegistry.models.values()].map(({ definition }) => definition)
  expect(Object.keys(params).toSorted()).toEqual(types.map(({ type }) => type).toSorted())
  const data = ['What is a retort?', 'Where is a retort used?'].map((text) => ({
    instruction: text,
    prompt: text,
    text,
  }))
  const spec = {
    version: 1,
    name: 'every-model',
    steps: [
      { name: 'load', type: 'LoadDataFromDicts', params: { data } },
      ...types.map(({ type, kind }) => ({
        name: type,
        after: ['load'],
        ...steps[kind]({ type, params: params[type] ?? {} }),
      })),
    ],
  }
  project.write('every-model.json', JSON.stringify(spec))
  const result = await runToResult(project.folder, ['every-model.json', '--run-id', 'all'], env)
  expect(result.error).toBeNull()
  expect(result.dataset?.leaves).toEqual(Object.fromEntries(types.map(({ type }) => [type, 2])))
  expect(result.dataset?.rejected).toBe(0)
  expect(placesOf(key)).toEqual([])
})

/** The files of the run, its history and its journal among them, that hold a text. */
function placesOf(text: string): string[] {
  const files = readdirSync(join(project.folder, '.retort'), {
    recursive: true,
    withFileTypes: true,
  }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
  expect(files.some((file) => file.endsWith('temporal.db'))).toBe(true)
  return files.filter((file) => readFileSync(file).includes(text))
}
