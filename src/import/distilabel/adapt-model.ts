import type { Fields } from './dump.ts'

/** Python's paths are dumped as the list of their parts. */
export function pathOf(value: unknown): unknown {
  return Array.isArray(value)
    ? value
        .filter((part): part is string => typeof part === 'string')
        .join('/')
        .replace(/^\/\//, '/')
    : value
}

/** Brings the fields of model classes that say something otherwise than ours into the form of ours. */
export function adaptModel(className: string, fields: Fields): Fields {
  switch (className) {
    case 'InferenceEndpointsLLM':
    case 'InferenceEndpointsImageGeneration':
      return withOnePlace(fields)
    case 'LlamaCppLLM':
      return withoutAnySeed({ ...fields, model_path: pathOf(fields['model_path']) })
    case 'LlamaCppEmbeddings':
      return withModelFile(withoutAnySeed(fields))
    case 'TransformersLLM':
      return fields['torch_dtype'] === 'auto' ? { ...fields, torch_dtype: null } : fields
    default:
      return fields
  }
}

/** An address that stands beside a model's or an endpoint's name is one that distilabel has looked up itself. */
function withOnePlace(fields: Fields): Fields {
  const isNamed = Boolean(fields['model_id']) || Boolean(fields['endpoint_name'])
  return isNamed ? { ...fields, base_url: null } : fields
}

/** The largest number that 32 bits hold is llama.cpp's word for no seed. */
function withoutAnySeed(fields: Fields): Fields {
  return fields['seed'] === 4_294_967_295 ? { ...fields, seed: null } : fields
}

/** The file is told in two parts: its folder, and its name as the model's. */
function withModelFile(fields: Fields): Fields {
  const folder = pathOf(fields['model_path'])
  const { model } = fields
  if (typeof model !== 'string') return { ...fields, model_path: folder }
  const isWhole = typeof folder === 'string' && folder.endsWith('.gguf')
  const file = isWhole || typeof folder !== 'string' ? model : `${folder}/${model}`
  return { ...fields, model: null, model_path: isWhole ? folder : file }
}
