import { mistral, openai, simulated } from 'retort'

const generationKwargs = { temperature: 0.7, maxNewTokens: 512 }

/** Models that answer each in its own way: those that there is a key for, else simulated ones. */
export function chooseAnswerers(environment: NodeJS.ProcessEnv) {
  const ask = (ofOpenAI: string, ofMistral: string, none: string) => {
    if (environment['MISTRAL_API_KEY']) return mistral({ model: ofMistral, generationKwargs })
    if (environment['OPENAI_API_KEY']) return openai({ model: ofOpenAI, generationKwargs })
    return simulated({ model: none })
  }
  return {
    helpful: ask('gpt-4o-mini', 'mistral-small-latest', 'silver'),
    honest: ask('gpt-4.1-mini', 'mistral-medium-latest', 'gold'),
    concise: ask('gpt-4.1-nano', 'ministral-3b-latest', 'tin'),
    thorough: ask('gpt-4o', 'ministral-8b-latest', 'copper'),
  }
}
