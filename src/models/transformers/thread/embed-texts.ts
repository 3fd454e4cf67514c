import type { Tensor } from '@huggingface/transformers'

import { RetortError } from '../../../core/errors.ts'

import type { EmbedReply, EmbedRequest, Pooling } from '../thread-messages.ts'
import type { LoadedModel } from './load-model.ts'

/** Turns texts into vectors, all at once; what is longer than the model reads is cut off. */
export async function embedTexts(
  { model, tokenizer, facts, who }: LoadedModel,
  { texts, pooling }: EmbedRequest,
): Promise<EmbedReply> {
  const inputs = tokenizer([...texts], {
    padding: true,
    truncation: true,
    max_length: facts.maxLength,
  })
  const outputs: Readonly<Record<string, Tensor | undefined>> = await model(inputs)
  const mask = Array.from(inputs.attention_mask.data, Number)
  const states = outputs['last_hidden_state'] ?? outputs['token_embeddings'] ?? outputs['logits']
  const pooled = outputs['sentence_embedding']
  if (states === undefined && pooled === undefined)
    throw new RetortError(
      'parameter-invalid',
      `${who} gives no states of its tokens, of which vectors could be made: '${Object.keys(outputs).join("', '")}'.`,
    )
  const vectors =
    states === undefined
      ? rowsOf(pooled?.to('float32'))
      : pool(states.to('float32'), mask, texts.length, pooling)
  return { vectors, inputTokens: mask.reduce((sum, present) => sum + present, 0) }
}

function rowsOf(tensor: Tensor | undefined): readonly Float32Array[] {
  if (tensor === undefined) return []
  const [rows = 0, width = 0] = tensor.dims
  // It was made of 32-bit numbers.
  const data = tensor.data as Float32Array
  return Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width))
}

/** Makes one vector of those of a text's tokens; padding stands before or after, and counts for nothing. */
function pool(
  states: Tensor,
  mask: readonly number[],
  texts: number,
  pooling: Pooling,
): readonly Float32Array[] {
  const [, length = 0, width = 0] = states.dims
  // It was made of 32-bit numbers.
  const data = states.data as Float32Array
  return Array.from({ length: texts }, (_, text) => {
    const present = mask.slice(text * length, (text + 1) * length)
    const stateOf = (token: number) => {
      const start = (text * length + token) * width
      return data.slice(start, start + width)
    }
    if (pooling === 'cls') return stateOf(present.indexOf(1))
    if (pooling === 'last') return stateOf(present.lastIndexOf(1))
    return mean(present.flatMap((isPresent, token) => (isPresent === 1 ? [stateOf(token)] : [])))
  })
}

function mean(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0)
  for (const vector of vectors)
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value
  return sum.map((value) => value / vectors.length)
}
