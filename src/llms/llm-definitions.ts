import type { LLMDefinition } from './llm-definition.ts'
import { llmFromEnvironmentDefinition } from './llm-from-environment.ts'
import { mistralLLM } from './mistral/mistral-llm.ts'
import { openAILLM } from './openai/openai-llm.ts'
import { simulatedLLM } from './simulated-llm.ts'

/** The code of every type of model that is built in, by type. */
export const llmDefinitions: ReadonlyMap<string, LLMDefinition> = new Map(
  [openAILLM, mistralLLM, simulatedLLM, llmFromEnvironmentDefinition].map((definition) => [
    definition.type,
    definition,
  ]),
)
