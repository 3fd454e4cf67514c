import type { ModelDefinition } from './model-definition.ts'
import { anthropicLLM } from './anthropic/anthropic-llm.ts'
import { cohereEmbeddingsDefinition } from './cohere/cohere-embeddings.ts'
import { cohereLLM } from './cohere/cohere-llm.ts'
import { geminiLLM } from './google/gemini-llm.ts'
import { googleEmbeddingsDefinition } from './google/google-embeddings.ts'
import { vertexAILLM } from './google/vertex-ai-llm.ts'
import { llamaCppEmbeddingsDefinition } from './llama-cpp/llama-cpp-embeddings.ts'
import { inferenceEndpointsLLM } from './hugging-face/inference-endpoints-llm.ts'
import { inferenceEndpointsImageGenerationDefinition } from './hugging-face/inference-endpoints-image-generation.ts'
import { llamaCppLLM } from './llama-cpp/llama-cpp-llm.ts'
import { llmFromEnvironmentDefinition } from './llm-from-environment.ts'
import { mistralEmbeddingsDefinition } from './mistral/mistral-embeddings.ts'
import { mistralLLM } from './mistral/mistral-llm.ts'
import {
  openAIEmbeddingsDefinition,
  togetherEmbeddingsDefinition,
  vLLMEmbeddingsDefinition,
} from './openai/openai-embeddings.ts'
import { defineMixtureOfAgents } from './mixture-of-agents/define-mixture-of-agents.ts'
import { ollamaEmbeddingsDefinition } from './ollama/ollama-embeddings.ts'
import { ollamaLLM } from './ollama/ollama-llm.ts'
import { openAIImageGenerationDefinition } from './openai/openai-image-generation.ts'
import { anyscaleLLM } from './openai/anyscale-llm.ts'
import { azureOpenAILLM } from './openai/azure-openai-llm.ts'
import { clientVLLMDefinition } from './openai/client-vllm.ts'
import { groqLLM } from './openai/groq-llm.ts'
import { liteLLMDefinition } from './openai/lite-llm.ts'
import { llamaCppServerLLM } from './openai/llama-cpp-server-llm.ts'
import { mlxLLM } from './openai/mlx-llm.ts'
import { openAILLM } from './openai/openai-llm.ts'
import { openRouterLLM } from './openai/open-router-llm.ts'
import { togetherLLM } from './openai/together-llm.ts'
import { vLLMDefinition } from './openai/vllm.ts'
import { simulatedEmbeddingsDefinition } from './simulated/simulated-embeddings.ts'
import { simulatedImageGenerationDefinition } from './simulated/simulated-image-generation.ts'
import { simulatedLLM } from './simulated/simulated-llm.ts'
import { sentenceTransformerEmbeddingsDefinition } from './transformers/sentence-transformer-embeddings.ts'
import { transformersEmbeddingsDefinition } from './transformers/transformers-embeddings.ts'
import { transformersLLM } from './transformers/transformers-llm.ts'

/** The code of every type of model that is built in, by type. */
export const modelDefinitions: ReadonlyMap<string, ModelDefinition> = new Map(
  [
    openAILLM,
    azureOpenAILLM,
    togetherLLM,
    groqLLM,
    anyscaleLLM,
    liteLLMDefinition,
    openRouterLLM,
    vLLMDefinition,
    clientVLLMDefinition,
    llamaCppServerLLM,
    mlxLLM,
    mistralLLM,
    anthropicLLM,
    cohereLLM,
    cohereEmbeddingsDefinition,
    mistralEmbeddingsDefinition,
    openAIEmbeddingsDefinition,
    togetherEmbeddingsDefinition,
    vLLMEmbeddingsDefinition,
    ollamaLLM,
    ollamaEmbeddingsDefinition,
    openAIImageGenerationDefinition,
    inferenceEndpointsLLM,
    inferenceEndpointsImageGenerationDefinition,
    geminiLLM,
    vertexAILLM,
    googleEmbeddingsDefinition,
    llamaCppLLM,
    llamaCppEmbeddingsDefinition,
    transformersLLM,
    defineMixtureOfAgents(() => modelDefinitions),
    transformersEmbeddingsDefinition,
    sentenceTransformerEmbeddingsDefinition,
    simulatedLLM,
    simulatedEmbeddingsDefinition,
    simulatedImageGenerationDefinition,
    llmFromEnvironmentDefinition,
  ].map((definition): [string, ModelDefinition] => [definition.type, definition]),
)
