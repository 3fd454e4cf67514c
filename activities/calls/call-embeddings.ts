import type {
  EmbeddingAnswer,
  EmbeddingModel,
  EmbeddingReply,
} from '../../src/core/embedding-model.ts'
import { isRetortError, RetortError } from '../../src/core/errors.ts'
import type { CalledModel, Paid } from '../model-call.ts'

/** Texts of which vectors are wanted. */
export interface EmbeddingCalls {
  readonly texts: readonly string[]
  readonly priority: number
}

/** Bytes of a text that make a token at least, as a rule; letters of most scripts take two or three for one. */
const bytesOfToken = 2

/** Asks for the vectors of texts in as few calls as their number and length allow. */
export function callEmbeddings(
  model: CalledModel,
  { texts, priority }: EmbeddingCalls,
): readonly Promise<Paid<EmbeddingAnswer>>[] {
  // Only a model of vectors is registered under the kind that such a step asks.
  const live = model.live as EmbeddingModel
  const embed = async (group: readonly string[]): Promise<Paid<EmbeddingReply>> =>
    await model.call({
      priority,
      worst: { inputTokens: bytesOf(group), outputTokens: 0 },
      estimatedTokens: bytesOf(group) / 4,
      attempt: (options) => live.embed({ texts: group }, options),
    })
  return groupsOf(texts, live).flatMap((group) => {
    const going = embed(group)
    return group.map(async (text, place) => {
      try {
        return toAnswer(await going, place)
      } catch (error) {
        // One text may have been too long; the others shall not pay for it.
        if (group.length === 1 || !isRetortError(error) || error.verdict !== 'reject') throw error
        return toAnswer(await embed([text]), 0)
      }
    })
  })
}

function groupsOf(texts: readonly string[], live: EmbeddingModel): string[][] {
  const groups: string[][] = []
  let tokens = 0
  for (const text of texts) {
    const more = Buffer.byteLength(text) / bytesOfToken
    const last = groups.at(-1)
    if (last === undefined || last.length === live.mostTexts || tokens + more > live.mostTokens) {
      groups.push([text])
      tokens = more
    } else {
      last.push(text)
      tokens += more
    }
  }
  return groups
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

function toAnswer(
  { reply: { vectors, usage, model }, costNanoUsd, budgetBlock }: Paid<EmbeddingReply>,
  place: number,
): Paid<EmbeddingAnswer> {
  const vector = vectors[place]
  if (vector === undefined)
    throw new RetortError(
      'provider-unavailable',
      `Model '${model}' answered ${vectors.length} vectors, fewer than it was asked for.`,
    )
  const text = encodeVector(vector)
  if (place === 0) return { reply: { vector: text, usage, model }, costNanoUsd, budgetBlock }
  const reply: EmbeddingAnswer = {
    vector: text,
    usage: { inputTokens: 0, outputTokens: 0 },
    model,
    isFurther: true,
  }
  return { reply, costNanoUsd: costNanoUsd === null ? null : 0, budgetBlock }
}

/** A vector as the journal keeps it. */
function encodeVector(vector: Float32Array): string {
  const { buffer, byteOffset, byteLength } = vector
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}
