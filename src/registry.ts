import type { Registry } from './core/registry.ts'
import type { RouteDefinition } from './core/route.ts'
import type { AnyDefinition } from './core/step.ts'
import { modelDefinitions } from './models/model-definitions.ts'
import { resolveModel } from './models/llm-from-environment.ts'
import { mostNewTokens } from './models/model-params.ts'
import { priceOfModel } from './models/prices.ts'
import { worstCase } from './models/worst-case.ts'
import { combineOutputsDefinition } from './steps/columns/combine-outputs.ts'
import { expandColumnsDefinition } from './steps/columns/expand-columns.ts'
import { groupColumnsDefinition } from './steps/columns/group-columns.ts'
import { mergeColumnsDefinition } from './steps/columns/merge-columns.ts'
import { truncateTextColumnDefinition } from './steps/columns/truncate-text-column.ts'
import { conversationTemplate } from './steps/formats/conversation-template.ts'
import { formatChatGenerationDPO } from './steps/formats/format-chat-generation-dpo.ts'
import { formatChatGenerationSFT } from './steps/formats/format-chat-generation-sft.ts'
import { formatPRMDefinition } from './steps/formats/format-prm.ts'
import { formatTextGenerationDPO } from './steps/formats/format-text-generation-dpo.ts'
import { formatTextGenerationSFT } from './steps/formats/format-text-generation-sft.ts'
import { prepareExamples } from './steps/formats/prepare-examples.ts'
import { keepColumnsDefinition } from './steps/columns/keep-columns.ts'
import { pushToHub } from './steps/sinks/push-to-hub.ts'
import { loadDataFromDictsDefinition } from './steps/sources/load-data-from-dicts.ts'
import { loadDataFromDiskDefinition } from './steps/sources/load-data-from-disk.ts'
import { loadDataFromFileSystemDefinition } from './steps/sources/load-data-from-file-system.ts'
import { loadDataFromHubDefinition } from './steps/sources/load-data-from-hub.ts'
import { sampleStepsDefinition } from './steps/routes/sample-steps.ts'
import { concatenateDefinition } from './steps/rows/concatenate.ts'
import { deduplicateRowsDefinition } from './steps/rows/deduplicate-rows.ts'
import { limitRows } from './steps/rows/limit-rows.ts'
import { shuffleRows } from './steps/rows/shuffle-rows.ts'
import { sampleRowsDefinition } from './steps/rows/sample-rows.ts'
import { dataSamplerDefinition } from './steps/sources/data-sampler.ts'
import { embeddingGenerationDefinition } from './steps/embeddings/embedding-generation.ts'
import { imageGenerationDefinition } from './tasks/image-generation.ts'
import { selfInstructDefinition } from './tasks/self-instruct.ts'
import { structuredGenerationDefinition } from './tasks/structured-generation.ts'
import { textGenerationDefinition } from './tasks/text-generation.ts'
import { textGenerationWithImageDefinition } from './tasks/text-generation-with-image.ts'
import { ultraFeedbackDefinition } from './tasks/ultra-feedback.ts'

// Each definition names its own parameters and columns; the registry knows them by their schemas alone.
const definitions = [
  combineOutputsDefinition,
  concatenateDefinition,
  conversationTemplate.definition,
  dataSamplerDefinition,
  deduplicateRowsDefinition,
  embeddingGenerationDefinition,
  expandColumnsDefinition,
  formatChatGenerationDPO.definition,
  formatChatGenerationSFT.definition,
  formatPRMDefinition,
  formatTextGenerationDPO.definition,
  formatTextGenerationSFT.definition,
  groupColumnsDefinition,
  imageGenerationDefinition,
  keepColumnsDefinition,
  limitRows.definition,
  loadDataFromDictsDefinition,
  loadDataFromDiskDefinition,
  loadDataFromFileSystemDefinition,
  loadDataFromHubDefinition,
  mergeColumnsDefinition,
  prepareExamples.definition,
  pushToHub.definition,
  sampleRowsDefinition,
  selfInstructDefinition,
  shuffleRows.definition,
  structuredGenerationDefinition,
  textGenerationDefinition,
  textGenerationWithImageDefinition,
  truncateTextColumnDefinition,
  ultraFeedbackDefinition,
] as readonly object[] as readonly AnyDefinition[]

// As above.
const routes = [sampleStepsDefinition] as readonly object[] as readonly RouteDefinition[]

/** Every type of step, route and model that is built in. */
export const builtInRegistry: Registry = {
  steps: new Map(
    definitions.map((definition) => [
      definition.type,
      { definition, code: `retort/${definition.version}` },
    ]),
  ),
  routes: new Map(
    routes.map((definition) => [
      definition.type,
      { definition, code: `retort/${definition.version}` },
    ]),
  ),
  models: new Map([...modelDefinitions].map(([type, definition]) => [type, { definition }])),
  resolveModel,
}

/** What calls of built-in models cost, and how many tokens they may take. */
export const modelCosts = { priceOfModel, mostNewTokens, worstCase }
