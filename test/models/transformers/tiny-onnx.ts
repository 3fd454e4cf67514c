import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createWeights } from '../random-weights.ts'

import { type GraphValue, ONNXGraph } from './onnx-graph.ts'
import { type TinyTokenizer, decoderTokenizer, encoderTokenizer } from './tiny-tokenizers.ts'

/** What a tiny decoder is made of beside its seed. */
export interface TinyDecoderOptions {
  readonly seed?: string
  readonly maxLength?: number
  /** `null` for a base model, which has none. */
  readonly chatTemplate?: string | null
  /** The content of `generation_config.json` beside the tokens that end an answer. */
  readonly generation?: object
}

const width = 32
const heads = 2
const headWidth = width / heads

type Weights = ReturnType<typeof createWeights>

/** Writes a decoder with random weights into a folder: it answers in characters and syllables, and soon ends. */
export async function writeTinyDecoder(
  folder: string,
  options: TinyDecoderOptions = {},
): Promise<void> {
  const { maxLength = 2048, seed = 'tiny' } = options
  const tokenizer = decoderTokenizer(maxLength, options.chatTemplate)
  const config = {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    hidden_size: width,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    num_hidden_layers: 1,
    head_dim: headWidth,
    max_position_embeddings: maxLength,
    vocab_size: tokenizer.tokens.length,
    bos_token_id: 0,
    eos_token_id: 1,
  }
  const generation = { bos_token_id: 0, eos_token_id: [1, 3], ...options.generation }
  const model = decoderGraph(tokenizer.tokens, maxLength, createWeights(seed))
  await writeFolder(folder, tokenizer, config, model)
  await writeFile(join(folder, 'generation_config.json'), JSON.stringify(generation))
}

/** Writes an encoder with random weights into a folder. */
export async function writeTinyEncoder(
  folder: string,
  seed = 'tiny',
  maxLength = 128,
): Promise<void> {
  const tokenizer = encoderTokenizer(maxLength)
  const config = {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: width,
    num_attention_heads: heads,
    num_hidden_layers: 1,
    max_position_embeddings: maxLength,
    vocab_size: tokenizer.tokens.length,
    pad_token_id: 0,
  }
  await writeFolder(
    folder,
    tokenizer,
    config,
    encoderGraph(tokenizer, maxLength, createWeights(seed)),
  )
}

async function writeFolder(
  folder: string,
  { tokenizer, config: tokenizerConfig }: TinyTokenizer,
  config: object,
  model: Buffer,
): Promise<void> {
  await mkdir(join(folder, 'onnx'), { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(tokenizerConfig))
  await writeFile(join(folder, 'onnx', 'model.onnx'), model)
}

function decoderGraph(tokens: readonly string[], maxLength: number, weights: Weights): Buffer {
  const graph = new ONNXGraph()
  const vocabulary = tokens.length
  const state = graph.add('Add', [
    graph.add('Gather', [table(graph, weights, 'tokens', vocabulary, 1), 'input_ids']),
    graph.add('Gather', [table(graph, weights, 'positions', maxLength, 0.5), 'position_ids']),
  ])
  const read = layer(graph, weights, state, [paddingMask(graph), causalMask(graph)], true)
  const output = graph.floats(weights('output', width * vocabulary, 0.25), [width, vocabulary])
  const bias = Float32Array.from(tokens, (token) => biasOf(token))
  const scores = graph.add('MatMul', [read, output])
  graph.add('Add', [scores, graph.floats(bias, [vocabulary])], {}, 'logits')
  const cache = (name: string, length: string): GraphValue => ({
    name,
    type: 'float',
    shape: ['batch_size', heads, length, headWidth],
  })
  return graph.toFile(
    [
      { name: 'input_ids', type: 'int64', shape: ['batch_size', 'sequence_length'] },
      { name: 'attention_mask', type: 'int64', shape: ['batch_size', 'total_sequence_length'] },
      { name: 'position_ids', type: 'int64', shape: ['batch_size', 'sequence_length'] },
      cache('past_key_values.0.key', 'past_sequence_length'),
      cache('past_key_values.0.value', 'past_sequence_length'),
    ],
    [
      { name: 'logits', type: 'float', shape: ['batch_size', 'sequence_length', vocabulary] },
      cache('present.0.key', 'total_sequence_length'),
      cache('present.0.value', 'total_sequence_length'),
    ],
  )
}

/** Bytes that are no character on their own never come, nor do marks but those of an end. */
function biasOf(token: string): number {
  if (token === '</s>' || token === '<|im_end|>') return 0
  return /^(?:[!-~]|[a-z]{2}|Ġ)$/.test(token) ? 0 : -100
}

function encoderGraph({ tokens }: TinyTokenizer, maxLength: number, weights: Weights): Buffer {
  const graph = new ONNXGraph()
  const positions = graph.add('Range', [
    graph.integers(0),
    lengthOf(graph, 'input_ids'),
    graph.integers(1),
  ])
  const words = graph.add('Add', [
    graph.add('Gather', [table(graph, weights, 'tokens', tokens.length, 1), 'input_ids']),
    graph.add('Gather', [table(graph, weights, 'positions', maxLength, 0.3), positions]),
  ])
  const types = graph.add('Gather', [table(graph, weights, 'types', 2, 0.1), 'token_type_ids'])
  const state = graph.add('Add', [words, types])
  const read = layer(graph, weights, state, [paddingMask(graph)], false)
  graph.add('Identity', [read], {}, 'last_hidden_state')
  const ids = (name: string): GraphValue => ({
    name,
    type: 'int64',
    shape: ['batch_size', 'sequence_length'],
  })
  return graph.toFile(
    [ids('input_ids'), ids('attention_mask'), ids('token_type_ids')],
    [{ name: 'last_hidden_state', type: 'float', shape: ['batch_size', 'sequence_length', width] }],
  )
}

/** Attention and a feed-forward network, each added to what it reads; a decoder's keys and values go on from a cache. */
function layer(
  graph: ONNXGraph,
  weights: Weights,
  state: string,
  masks: readonly string[],
  isCached: boolean,
): string {
  const product = (input: string, name: string) =>
    graph.add('MatMul', [input, table(graph, weights, name, width, 0.25)])
  const split = (input: string) =>
    graph.add(
      'Transpose',
      [graph.add('Reshape', [input, graph.integers([0, 0, heads, headWidth])])],
      { perm: [0, 2, 1, 3] },
    )
  const cached = (input: string, name: string) =>
    isCached
      ? graph.add('Concat', [`past_key_values.0.${name}`, input], { axis: 2 }, `present.0.${name}`)
      : input
  const query = split(product(state, 'query'))
  const key = cached(split(product(state, 'key')), 'key')
  const value = cached(split(product(state, 'value')), 'value')
  let scores = graph.add('MatMul', [query, graph.add('Transpose', [key], { perm: [0, 1, 3, 2] })])
  for (const mask of masks) scores = graph.add('Add', [scores, mask])
  const read = graph.add('MatMul', [graph.add('Softmax', [scores], { axis: -1 }), value])
  const joined = graph.add('Reshape', [
    graph.add('Transpose', [read], { perm: [0, 2, 1, 3] }),
    graph.integers([0, 0, width]),
  ])
  const attended = graph.add('Add', [state, product(joined, 'joined')])
  const fed = product(graph.add('Tanh', [product(attended, 'up')]), 'down')
  return graph.add('Add', [attended, fed])
}

function table(
  graph: ONNXGraph,
  weights: Weights,
  name: string,
  rows: number,
  deviation: number,
): string {
  return graph.floats(weights(name, rows * width, deviation), [rows, width])
}

/** Length of the second dimension, as a number alone. */
function lengthOf(graph: ONNXGraph, input: string): string {
  return graph.add('Gather', [graph.add('Shape', [input]), graph.integers(1)])
}

/** Hides padding: batch × 1 × 1 × all tokens. */
function paddingMask(graph: ONNXGraph): string {
  const present = graph.add('Cast', ['attention_mask'], { to: 1 })
  const missing = graph.add('Sub', [present, graph.floats(Float32Array.of(1), [1])])
  const hidden = graph.add('Mul', [missing, graph.floats(Float32Array.of(1e9), [1])])
  return graph.add('Unsqueeze', [hidden, graph.integers([1, 2])])
}

/** Hides what comes later: new tokens × all tokens. */
function causalMask(graph: ONNXGraph): string {
  const [zero, one] = [graph.integers(0), graph.integers(1)]
  const all = lengthOf(graph, 'attention_mask')
  const first = graph.add('Sub', [all, lengthOf(graph, 'input_ids')])
  const rows = graph.add('Unsqueeze', [graph.add('Range', [first, all, one]), graph.integers([1])])
  const columns = graph.add('Range', [zero, all, one])
  const isSeen = graph.add('LessOrEqual', [columns, rows])
  const [seen, hidden] = [0, -1e9].map((value) => graph.floats(Float32Array.of(value), [1]))
  return graph.add('Where', [isSeen, seen ?? '', hidden ?? ''])
}
