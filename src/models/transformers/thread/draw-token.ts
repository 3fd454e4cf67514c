import type { Random } from '../../../core/random.ts'

/** How one token is drawn. */
export interface TokenDrawing {
  /** 0 takes the likeliest. */
  readonly temperature: number
  readonly topP: number
  /** 0 draws from all. */
  readonly topK: number
  readonly minP: number
}

/** What is less likely than this, by the difference of logits from the likeliest, is never drawn: 1 in 10¹³. */
const farthest = 30

/**
 * Draws a token.
 *
 * @param logits - one a token of the vocabulary
 */
export function drawToken(logits: Float32Array, drawing: TokenDrawing, random: Random): number {
  const likeliest = indexOfLargest(logits)
  const { temperature, topP, topK, minP } = drawing
  if (temperature === 0 || topK === 1) return likeliest
  const largest = logits[likeliest] ?? 0
  const least = largest - farthest * temperature
  const candidates: { readonly token: number; readonly weight: number }[] = []
  for (const [token, logit] of logits.entries())
    if (logit >= least)
      candidates.push({ token, weight: Math.exp((logit - largest) / temperature) })
  candidates.sort((a, b) => b.weight - a.weight)
  if (topK > 0) candidates.splice(topK)
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  const kept: typeof candidates = []
  let share = 0
  for (const candidate of candidates) {
    // The likeliest has the weight 1, and always stays.
    if (kept.length > 0 && (share >= topP || candidate.weight < minP)) break
    kept.push(candidate)
    share += candidate.weight / total
  }
  let rest = random() * share * total
  for (const { token, weight } of kept) {
    rest -= weight
    if (rest < 0) return token
  }
  return likeliest
}

function indexOfLargest(values: Float32Array): number {
  let largest = 0
  for (const [index, value] of values.entries())
    if (value > (values[largest] ?? Number.NEGATIVE_INFINITY)) largest = index
  return largest
}
