import type { JsonObject } from './json.ts'
import { modelParams } from './model-param.ts'
import { limitNames, priceNames } from './resolve-params.ts'
import { namePattern, reservedStepNames } from './spec.ts'

const name: JsonObject = { type: 'string', pattern: namePattern.source }
const codeMembers: JsonObject = {
  module: { type: 'string', description: 'File that defines the type, relative to this one.' },
  export: { type: 'string', description: 'Name under which `module` exports it.' },
}
const model: JsonObject = {
  type: 'object',
  properties: {
    type: {
      type: 'string',
      description: 'A built-in type, or that of the definition that `module` exports.',
    },
    params: { type: 'object', description: 'Parameters of the type.' },
    limits: {
      type: 'object',
      description: 'What its provider allows; shared by all who ask it.',
      properties: Object.fromEntries(
        limitNames.map((name) => [name, { type: name === 'group' ? 'string' : 'integer' }]),
      ),
    },
    prices: {
      type: 'object',
      description: 'What its tokens cost in US dollars, where the built-in table does not say it.',
      properties: Object.fromEntries(priceNames.map((name) => [name, { type: 'number' }])),
    },
    ...codeMembers,
  },
}
// A step of one's own may have a parameter of such a name that is no model at all.
const modelIfAny: JsonObject = { anyOf: [model, { not: { type: 'object' } }] }
const models: JsonObject = {
  [modelParams.llm]: { description: 'The model that answers.', ...modelIfAny },
  [modelParams.embeddings]: {
    description: 'The model that turns texts into vectors.',
    ...modelIfAny,
  },
  [modelParams.images]: { description: 'The model that makes images.', ...modelIfAny },
}
const columnNames: JsonObject = { type: 'object', additionalProperties: { type: 'string' } }

/** JSON Schema (draft 2020-12) of a {@link PipelineSpec}, for editors and other programs. */
export const pipelineSpecSchema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Retort pipeline, version 1',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'steps'],
  properties: {
    version: { const: 1 },
    name: { ...name, description: 'Name of the pipeline and of its dataset.' },
    seed: {
      type: 'integer',
      minimum: Number.MIN_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Random choices come from it and the content of rows. Default 0.',
    },
    rows: {
      type: 'object',
      additionalProperties: false,
      required: ['accepted', 'atMost'],
      description: 'Makes rows until enough of them pass every step.',
      properties: {
        accepted: { type: 'integer', minimum: 1, description: 'Rows that the dataset is to have.' },
        atMost: { type: 'integer', minimum: 1, description: 'Most source rows taken for them.' },
      },
    },
    steps: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'type'],
        properties: {
          name: {
            ...name,
            not: { enum: reservedStepNames },
            description: 'Unique in the pipeline.',
          },
          type: {
            type: 'string',
            description: 'A built-in type, or that of the definition that `module` exports.',
          },
          params: {
            type: 'object',
            description: 'Parameters of the type.',
            properties: models,
          },
          after: {
            type: 'array',
            items: { type: 'string' },
            description: 'Steps whose rows it reads.',
          },
          inputs: { ...columnNames, description: "The step's column: the data's column." },
          outputs: { ...columnNames, description: "The step's column: the data's column." },
          ...codeMembers,
          taskQueue: { type: 'string', description: 'Temporal task queue of its own.' },
          route: {
            type: 'object',
            additionalProperties: false,
            required: ['type'],
            description: 'Which of the steps after it each row goes to; all of them by default.',
            properties: {
              type: {
                type: 'string',
                description: '`SampleSteps`, or that of the definition that `module` exports.',
              },
              params: { type: 'object', description: 'Parameters of the type.' },
              branches: {
                ...columnNames,
                description: "A branch's name: its first step, where the names differ.",
              },
              ...codeMembers,
            },
          },
        },
      },
    },
  },
}
