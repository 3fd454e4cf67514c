import type { ModelClass } from './model-class.ts'

const embeddings = { kind: 'embeddings', keyVariable: null, generation: [] } as const

/** The model classes of distilabel that turn texts into vectors, by name. */
export const embeddingsClasses: Readonly<Record<string, ModelClass>> = {
  SentenceTransformerEmbeddings: {
    ...embeddings,
    type: 'SentenceTransformerEmbeddings',
    fields: [
      'model',
      'device',
      'prompts',
      'default_prompt_name',
      'revision',
      'truncate_dim',
      'normalize_embeddings',
    ],
  },
  vLLMEmbeddings: { ...embeddings, type: 'vLLMEmbeddings', fields: ['model'] },
  LlamaCppEmbeddings: {
    ...embeddings,
    type: 'LlamaCppEmbeddings',
    fields: ['model', 'model_path', 'n_gpu_layers', 'n_ctx', 'normalize_embeddings'],
  },
}

const images = { kind: 'images', isFlat: true } as const

/** The model classes of distilabel that make images, by name. */
export const imageClasses: Readonly<Record<string, ModelClass>> = {
  OpenAIImageGeneration: {
    ...images,
    type: 'OpenAIImageGeneration',
    keyVariable: 'OPENAI_API_KEY',
    fields: ['model', 'base_url'],
    generation: ['quality', 'response_format', 'size', 'style'],
  },
  InferenceEndpointsImageGeneration: {
    ...images,
    type: 'InferenceEndpointsImageGeneration',
    keyVariable: 'HF_TOKEN',
    fields: ['model_id', 'endpoint_name', 'endpoint_namespace', 'base_url', 'model_display_name'],
    generation: ['negative_prompt', 'height', 'width', 'num_inference_steps', 'guidance_scale'],
  },
}
