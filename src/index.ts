export type {
  BatchJobs,
  FoundJob,
  JobIntent,
  JobRequest,
  JobResult,
  JobStatus,
} from './core/batch-jobs.ts'
export type { Branches, Leaf } from './core/branches.ts'
export { assistant, imagesOf, prompt, system, textOf, user } from './core/chat.ts'
export type {
  AnswerFormat,
  ChatAnswer,
  ChatChoice,
  ChatMessage,
  ChatRequest,
  ChatRole,
  ContentPart,
  FinishReason,
  ImagePart,
  TextMessage,
  TextPart,
  TokenLogprob,
  Usage,
} from './core/chat.ts'
export type { Row, Schema } from './core/columns.ts'
export { defineRoute } from './core/define-route.ts'
export type { Route, RouteFactory } from './core/define-route.ts'
export { defineGenerator, defineGlobalStep, defineStep } from './core/define-step.ts'
export type { GeneratorFactory, GlobalStepFactory, StepFactory } from './core/define-step.ts'
export { defineGeneratorTask } from './core/define-generator-task.ts'
export type { GeneratorTaskDefinition, GeneratorTaskParams } from './core/define-generator-task.ts'
export { defineTask } from './core/define-task.ts'
export type { TaskFactory, TaskStep } from './core/define-task.ts'
export type { EmbeddingModel, EmbeddingReply, EmbeddingRequest } from './core/embedding-model.ts'
export type { Environment } from './core/environment.ts'
export { RetortError } from './core/errors.ts'
export type { ErrorCode, ErrorDetails, Verdict } from './core/errors.ts'
export type { Forecast } from './core/forecast.ts'
export type { ImageModel, ImageReply, ImageRequest, MadeImage } from './core/image-model.ts'
export type { JsonObject, JsonValue } from './core/json.ts'
export type {
  CallOptions,
  ChatOptions,
  EmbeddingsSpec,
  GenerationKwargs,
  ImageModelSpec,
  LiveModel,
  LLM,
  LLMLimits,
  LLMPrices,
  LLMSpec,
  ModelKind,
  ModelSpec,
  RateLimitQuota,
  RateLimitReport,
} from './core/llm-spec.ts'
export type { ModelCapabilities, StructuredMode } from './core/model-capabilities.ts'
export { Pipeline } from './core/pipeline.ts'
export type { BranchOptions, PipelineOptions } from './core/pipeline.ts'
export { createRandom, randomInteger } from './core/random.ts'
export type { Random } from './core/random.ts'
export { reject } from './core/rejection.ts'
export type { ModelIdentity, ModelType } from './core/registry.ts'
export type { Rejection } from './core/rejection.ts'
export type { RouteContext, RouteSpec } from './core/route.ts'
export { parsePipelineSpec } from './core/spec.ts'
export type { PipelineSpec, StepSpec } from './core/spec.ts'
export { pipelineSpecSchema } from './core/spec-schema.ts'
export type { Digests, GlobalContext, GlobalDefinition, GlobalRow } from './core/global-step.ts'
export type {
  ColumnChange,
  GeneratorContext,
  GeneratorStep,
  JoinParams,
  Step,
  StepContext,
  StepOutput,
} from './core/step.ts'
export type { TaskContext, TaskParams } from './core/task.ts'
export { anthropic } from './models/anthropic/anthropic-llm.ts'
export { cohereEmbeddings } from './models/cohere/cohere-embeddings.ts'
export { cohere } from './models/cohere/cohere-llm.ts'
export { gemini } from './models/google/gemini-llm.ts'
export type { GeminiOptions } from './models/google/gemini-llm.ts'
export type {
  GeminiGenerationKwargs,
  GeminiSafetySetting,
  GeminiThinkingConfig,
} from './models/google/gemini-params.ts'
export { googleEmbeddings } from './models/google/google-embeddings.ts'
export type { GoogleEmbeddingsOptions } from './models/google/google-embeddings.ts'
export { vertexAI } from './models/google/vertex-ai-llm.ts'
export type { VertexAIOptions } from './models/google/vertex-ai-llm.ts'
export { llamaCppEmbeddings } from './models/llama-cpp/llama-cpp-embeddings.ts'
export type { LlamaCppEmbeddingsOptions } from './models/llama-cpp/llama-cpp-embeddings.ts'
export { inferenceEndpoints } from './models/hugging-face/inference-endpoints-llm.ts'
export type {
  InferenceEndpointsGenerationKwargs,
  InferenceEndpointsOptions,
} from './models/hugging-face/inference-endpoints-llm.ts'
export { inferenceEndpointsImageGeneration } from './models/hugging-face/inference-endpoints-image-generation.ts'
export type { InferenceEndpointOptions } from './models/hugging-face/endpoint-params.ts'
export type { InferenceEndpointsImageGenerationOptions } from './models/hugging-face/inference-endpoints-image-generation.ts'
export { llamaCpp } from './models/llama-cpp/llama-cpp-llm.ts'
export type { LlamaCppKwargs, LlamaCppOptions } from './models/llama-cpp/llama-cpp-llm.ts'
export { llmFromEnvironment } from './models/llm-from-environment.ts'
export { mistralEmbeddings } from './models/mistral/mistral-embeddings.ts'
export type { MistralEmbeddingsOptions } from './models/mistral/mistral-embeddings.ts'
export { mistral } from './models/mistral/mistral-llm.ts'
export type { MistralGenerationKwargs, MistralOptions } from './models/mistral/mistral-llm.ts'
export {
  openAIEmbeddings,
  togetherEmbeddings,
  vLLMEmbeddings,
} from './models/openai/openai-embeddings.ts'
export { mixtureOfAgents } from './models/mixture-of-agents/mixture-of-agents.ts'
export type { MixtureOfAgentsLLMOptions } from './models/mixture-of-agents/mixture-of-agents.ts'
export type { OllamaGenerationKwargs, OllamaOptions } from './models/ollama/ollama-llm.ts'
export type { OllamaEmbeddingsOptions } from './models/ollama/ollama-embeddings.ts'
export type { OllamaModelOptions } from './models/ollama/ollama-options.ts'
export { ollama } from './models/ollama/ollama-llm.ts'
export { ollamaEmbeddings } from './models/ollama/ollama-embeddings.ts'
export type { OpenAIImageGenerationOptions } from './models/openai/openai-image-generation.ts'
export { openAIImageGeneration } from './models/openai/openai-image-generation.ts'
export { anyscale } from './models/openai/anyscale-llm.ts'
export type { AnyscaleGenerationKwargs, AnyscaleOptions } from './models/openai/anyscale-llm.ts'
export { azureOpenAI } from './models/openai/azure-openai-llm.ts'
export type { AzureOpenAIOptions } from './models/openai/azure-openai-llm.ts'
export { clientVLLM } from './models/openai/client-vllm.ts'
export type { ClientVLLMOptions } from './models/openai/client-vllm.ts'
export { groq } from './models/openai/groq-llm.ts'
export type { GroqGenerationKwargs, GroqOptions } from './models/openai/groq-llm.ts'
export { liteLLM } from './models/openai/lite-llm.ts'
export type { LiteLLMGenerationKwargs, LiteLLMOptions } from './models/openai/lite-llm.ts'
export { llamaCppServer } from './models/openai/llama-cpp-server-llm.ts'
export type {
  LlamaCppServerGenerationKwargs,
  LlamaCppServerOptions,
} from './models/openai/llama-cpp-server-llm.ts'
export { mlx } from './models/openai/mlx-llm.ts'
export type { MlxGenerationKwargs, MlxOptions } from './models/openai/mlx-llm.ts'
export { openRouter } from './models/openai/open-router-llm.ts'
export type {
  OpenRouterGenerationKwargs,
  OpenRouterOptions,
} from './models/openai/open-router-llm.ts'
export { openai } from './models/openai/openai-llm.ts'
export type { OpenAIGenerationKwargs, OpenAIOptions } from './models/openai/openai-llm.ts'
export { together } from './models/openai/together-llm.ts'
export type { TogetherGenerationKwargs, TogetherOptions } from './models/openai/together-llm.ts'
export { vLLM } from './models/openai/vllm.ts'
export type { VLLMGenerationKwargs, VLLMOptions } from './models/openai/vllm.ts'
export type {
  EmbeddingsDefinition,
  ImageModelDefinition,
  LLMDefinition,
  LLMOptions,
  ModelContext,
  ModelDefinition,
  ModelOptions,
} from './models/model-definition.ts'
export type { LLMTimeouts } from './models/model-params.ts'
export { defineEmbeddings, defineImageModel, defineLLM } from './models/own-models.ts'
export type {
  EmbeddingsFactory,
  EmbeddingsOptions,
  ImageModelFactory,
  ImageModelOptions,
  LLMFactory,
  ModelFactory,
} from './models/own-models.ts'
export type { ConnectOptions, ProviderConnection } from './models/provider-connection.ts'
export type { ModelSettings } from './models/to-model-spec.ts'
export { simulatedEmbeddings } from './models/simulated/simulated-embeddings.ts'
export { simulatedImages } from './models/simulated/simulated-image-generation.ts'
export { simulated } from './models/simulated/simulated-llm.ts'
export { preQueryTemplate } from './models/templates/chat-families.ts'
export type { ChatFamilyName } from './models/templates/chat-families.ts'
export { readTokenizerConfig } from './models/templates/read-tokenizer-config.ts'
export { sentenceTransformerEmbeddings } from './models/transformers/sentence-transformer-embeddings.ts'
export type { SentenceTransformerEmbeddingsOptions } from './models/transformers/sentence-transformer-embeddings.ts'
export { transformersEmbeddings } from './models/transformers/transformers-embeddings.ts'
export type { TransformersEmbeddingsOptions } from './models/transformers/transformers-embeddings.ts'
export { transformers } from './models/transformers/transformers-llm.ts'
export type {
  TransformersKwargs,
  TransformersOptions,
} from './models/transformers/transformers-llm.ts'
export { withFormatInstructions } from './models/structured/with-format-instructions.ts'
export { expandColumns } from './steps/columns/expand-columns.ts'
export { keepColumns } from './steps/columns/keep-columns.ts'
export { mergeColumns } from './steps/columns/merge-columns.ts'
export { truncateTextColumn } from './steps/columns/truncate-text-column.ts'
export { embeddingGeneration } from './steps/embeddings/embedding-generation.ts'
export type { EmbeddingGenerationParams } from './steps/embeddings/embedding-generation.ts'
export { conversationTemplate } from './steps/formats/conversation-template.ts'
export { formatChatGenerationDPO } from './steps/formats/format-chat-generation-dpo.ts'
export { formatChatGenerationSFT } from './steps/formats/format-chat-generation-sft.ts'
export { formatPRM } from './steps/formats/format-prm.ts'
export { formatTextGenerationDPO } from './steps/formats/format-text-generation-dpo.ts'
export { formatTextGenerationSFT } from './steps/formats/format-text-generation-sft.ts'
export { prepareExamples } from './steps/formats/prepare-examples.ts'
export { deriveColumns } from './steps/rows/derive-columns.ts'
export type { RowDerivation } from './steps/rows/derive-columns.ts'
export { deduplicateRows } from './steps/rows/deduplicate-rows.ts'
export { filterRows } from './steps/rows/filter-rows.ts'
export type { RowFilter } from './steps/rows/filter-rows.ts'
export { limitRows } from './steps/rows/limit-rows.ts'
export { mapRows } from './steps/rows/map-rows.ts'
export type { RowMap } from './steps/rows/map-rows.ts'
export type { RowContext } from './steps/rows/row-context.ts'
export { shuffleRows } from './steps/rows/shuffle-rows.ts'
export { sampleRows } from './steps/rows/sample-rows.ts'
export type { SampleRowsParams } from './steps/rows/sample-rows.ts'
export { pushToHub } from './steps/sinks/push-to-hub.ts'
export { dataSampler } from './steps/sources/data-sampler.ts'
export type { DataSamplerOptions } from './steps/sources/data-sampler.ts'
export { loadDataFromDicts } from './steps/sources/load-data-from-dicts.ts'
export { loadDataFromDisk } from './steps/sources/load-data-from-disk.ts'
export { loadDataFromFileSystem } from './steps/sources/load-data-from-file-system.ts'
export { loadDataFromHub } from './steps/sources/load-data-from-hub.ts'
export { sampleSteps } from './steps/routes/sample-steps.ts'
export type { Progress } from './core/run-report.ts'
export type { RunResult, RunStatus } from './core/run-report.ts'
export type { Budget } from './core/run-settings.ts'
export type { PipelineInfo } from './local/describe/pipeline-info.ts'
export { toYAML } from './local/pipelines/to-yaml.ts'
export type { YAMLOptions } from './local/pipelines/to-yaml.ts'
export type { RunOptions } from './local/run-options.ts'
export { startRun } from './local/start-run.ts'
export type { CompletedRun, Run } from './local/start-run.ts'
export type { Dataset } from './storage/dataset/open-dataset.ts'
export { imageGeneration } from './tasks/image-generation.ts'
export type { ImageGenerationParams } from './tasks/image-generation.ts'
export { selfInstruct } from './tasks/self-instruct.ts'
export type { SelfInstructParams } from './tasks/self-instruct.ts'
export { structuredGeneration } from './tasks/structured-generation.ts'
export type { StructuredGenerationParams } from './tasks/structured-generation.ts'
export { textGeneration } from './tasks/text-generation.ts'
export type { TextGenerationParams } from './tasks/text-generation.ts'
export { textGenerationWithImage } from './tasks/text-generation-with-image.ts'
export type { TextGenerationWithImageParams } from './tasks/text-generation-with-image.ts'
export { ultraFeedback } from './tasks/ultra-feedback.ts'
export type { UltraFeedbackParams } from './tasks/ultra-feedback.ts'
