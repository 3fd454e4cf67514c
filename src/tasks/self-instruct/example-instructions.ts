import { createRandom, randomInteger } from '../../core/random.ts'

const forms = [
  (topic: string) => `What should a beginner know first about ${topic}?`,
  (topic: string) => `Explain ${topic} to a child of ten in three sentences.`,
  (topic: string) => `Which mistakes do people make most often with ${topic}, and why?`,
  (topic: string) => `Plan a short lesson about ${topic}, with one exercise and its solution.`,
  (topic: string) => `Compare two opposite opinions about ${topic}.`,
  (topic: string) => `How has ${topic} changed in the last fifty years?`,
  (topic: string) => `Write five questions for a quiz about ${topic}, with their answers.`,
  (topic: string) => `Give a numbered checklist for somebody who has to deal with ${topic} today.`,
]

/** Different instructions about a text, which follow from it and their number alone. */
export function exampleInstructions(input: string, count: number): string[] {
  const topic = topicOf(input)
  const first = randomInteger(createRandom(input), forms.length)
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / forms.length)
    const form = forms[(first + index) % forms.length] ?? forms[0]
    return `${form?.(topic)}${round === 0 ? '' : ` Take a point of view that is rare (variant ${round + 1}).`}`
  })
}

/** The first words of a text, in quotes. */
function topicOf(input: string): string {
  const text = input
    .replaceAll(/[\s"“”*_`]+/g, ' ')
    .replace(/[\s.,;:!?]+$/, '')
    .trim()
  const short =
    text.length > 80
      ? `${text.slice(0, text.lastIndexOf(' ', 80) + 1).trim() || text.slice(0, 80)}…`
      : text
  return short === '' ? 'an everyday subject' : `“${short}”`
}
