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

/** Different instructions about the lines of a text, which follow from it and their number alone. */
export function exampleInstructions(input: string, count: number): string[] {
  const topics = topicsOf(input)
  const random = createRandom(input)
  const first = randomInteger(random, forms.length)
  const firstTopic = randomInteger(random, topics.length)
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / forms.length)
    const form = forms[(first + index) % forms.length] ?? forms[0]
    const topic = topics[(firstTopic + index) % topics.length] ?? ''
    return `${form?.(topic)}${round === 0 ? '' : ` Take a point of view that is rare (variant ${round + 1}).`}`
  })
}

/** The first words of each line of a text that holds any, in quotes. */
function topicsOf(input: string): readonly string[] {
  const topics = input.split('\n').flatMap((line) => {
    const text = line
      .replace(/^\s*(?:[-*+#>]+|\d+[.)])\s+/, '')
      .replaceAll(/[\s"“”*_`]+/g, ' ')
      .replace(/[\s.,;:!?]+$/, '')
      .trim()
    return text === '' ? [] : [`“${shorten(text)}”`]
  })
  return topics.length === 0 ? ['an everyday subject'] : [...new Set(topics)]
}

function shorten(text: string): string {
  if (text.length <= 80) return text
  return `${text.slice(0, text.lastIndexOf(' ', 80) + 1).trim() || text.slice(0, 80)}…`
}
