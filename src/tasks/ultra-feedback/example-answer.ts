import { createRandom, randomInteger } from '../../core/random.ts'
import { rubrics } from './aspects.ts'
import type { Aspect } from './aspects.ts'

/**
 * Ratings as a judge could give them: equal texts get equal ones, and up to five different texts different ones.
 *
 * They follow from the instruction and the texts alone, whichever row these stand in.
 */
export function exampleAnswer(
  aspect: Aspect,
  instruction: string,
  generations: readonly string[],
): string {
  const ranked = [...new Set(generations)]
    .map((text) => ({ text, draw: createRandom(aspect, instruction, text)() }))
    .sort((a, b) => a.draw - b.draw)
  const first = randomInteger(createRandom(aspect, instruction), 5)
  // Steps of two visit all five levels before one comes again.
  const levels = new Map(ranked.map(({ text }, rank) => [text, 1 + ((first + 2 * rank) % 5)]))
  return generations
    .map((text, index) => {
      const level = levels.get(text) ?? 1
      return [
        `### Text ${index + 1}`,
        ...typeLines(aspect, level),
        ...ratingLines(aspect, level),
      ].join('\n')
    })
    .join('\n\n')
}

function typeLines(aspect: Aspect, level: number): string[] {
  const { types } = rubrics[aspect]
  if (types === undefined) return []
  // The best has no error to name, and the worst no strength.
  const hasNone = level === (aspect === 'truthfulness' ? 5 : 1)
  const kind = 1 + (level % types.kinds.length)
  return hasNone
    ? ['Type: None', `Rationale: Simulated: ${types.none}.`]
    : [`Type: ${kind}`, `Rationale: Simulated: ${types.kinds[kind - 1]}`]
}

function ratingLines(aspect: Aspect, level: number): string[] {
  return [`Rating: ${level}`, `Rationale: Simulated: ${rubrics[aspect].levels[level - 1]}`]
}
