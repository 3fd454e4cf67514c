import { createWeights } from '../random-weights.ts'
import { characters, chatTemplate, syllables } from '../tiny-vocabulary.ts'

import { type GGUFTensor, type GGUFValue, writeGGUF } from './gguf-file.ts'

/** What a tiny model is made of beside its seed. */
export interface TinyGGUFOptions {
  readonly seed?: string
  /** Tokens that it was made for; 4,096 by default. */
  readonly contextLength?: number
  /** `null` for a base model, which has none. */
  readonly chatTemplate?: string | null
  /** How much likelier the end is than any other token, as a logit. */
  readonly endBias?: number
}

const types = { normal: 1, unknown: 2, control: 3, byte: 6 }
const width = 64
const heads = 4
const keyHeads = 2
const layers = 2
const feedForward = 128

interface Token {
  readonly text: string
  readonly type: number
  readonly score: number
}

/** Writes a model of Llama's architecture with random weights, which answers in syllables and soon ends. */
export async function writeTinyGGUF(path: string, options: TinyGGUFOptions = {}): Promise<void> {
  const { contextLength = 4096, endBias = 1 } = options
  const template = options.chatTemplate === undefined ? chatTemplate : options.chatTemplate
  const tokens = sentencePieces()
  const metadata: Record<string, GGUFValue> = {
    'general.architecture': 'llama',
    'general.name': 'tiny',
    'general.file_type': { u32: 0 },
    'llama.context_length': { u32: contextLength },
    'llama.embedding_length': { u32: width },
    'llama.block_count': { u32: layers },
    'llama.feed_forward_length': { u32: feedForward },
    'llama.attention.head_count': { u32: heads },
    'llama.attention.head_count_kv': { u32: keyHeads },
    'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
    'llama.rope.dimension_count': { u32: width / heads },
    'llama.vocab_size': { u32: tokens.length },
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': { strings: tokens.map(({ text }) => text) },
    'tokenizer.ggml.scores': { floats: tokens.map(({ score }) => score) },
    'tokenizer.ggml.token_type': { ints: tokens.map(({ type }) => type) },
    'tokenizer.ggml.bos_token_id': { u32: 1 },
    'tokenizer.ggml.eos_token_id': { u32: 2 },
    'tokenizer.ggml.unknown_token_id': { u32: 0 },
    'tokenizer.ggml.add_bos_token': true,
    'tokenizer.ggml.add_space_prefix': false,
    ...(template === null ? {} : { 'tokenizer.chat_template': template }),
  }
  await writeGGUF(path, metadata, decoderTensors(tokens, options.seed ?? 'tiny', endBias))
}

function sentencePieces(): readonly Token[] {
  const control = (text: string): Token => ({ text, type: types.control, score: 0 })
  return [
    { text: '<unk>', type: types.unknown, score: 0 },
    control('<s>'),
    control('</s>'),
    control('<|im_start|>'),
    control('<|im_end|>'),
    ...Array.from({ length: 256 }, (_, byte): Token => {
      const hex = byte.toString(16).toUpperCase().padStart(2, '0')
      return { text: `<0x${hex}>`, type: types.byte, score: 0 }
    }),
    ...[...characters, ...syllables].map((text, index): Token => ({
      text: text.replaceAll(' ', '▁'),
      type: types.normal,
      score: -index,
    })),
  ]
}

function decoderTensors(tokens: readonly Token[], seed: string, endBias: number): GGUFTensor[] {
  const weights = createWeights(seed)
  const matrix = (name: string, columns: number, rows: number, deviation: number): GGUFTensor => ({
    name,
    shape: [columns, rows],
    data: weights(name, columns * rows, deviation),
  })
  const norm = (name: string): GGUFTensor => ({
    name,
    shape: [width],
    data: new Float32Array(width).fill(1),
  })
  const embedding = matrix('token_embd.weight', width, tokens.length, 1)
  const output = matrix('output.weight', width, tokens.length, 0.2)
  // The first number of every state is 1, and so the first weight of a token's row is its bias.
  for (const [row, { type, text }] of tokens.entries()) {
    embedding.data[row * width] = 1
    output.data[row * width] =
      type === types.normal ? 0 : text === '</s>' || text === '<|im_end|>' ? endBias : -400
  }
  const tensors = [embedding, output, norm('output_norm.weight')]
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `blk.${layer}.${part}.weight`
    const keyWidth = (width / heads) * keyHeads
    tensors.push(
      norm(name('attn_norm')),
      norm(name('ffn_norm')),
      matrix(name('attn_q'), width, width, 0.2),
      matrix(name('attn_k'), width, keyWidth, 0.2),
      matrix(name('attn_v'), width, keyWidth, 0.2),
      keepFirst(matrix(name('attn_output'), width, width, 0.3)),
      matrix(name('ffn_gate'), width, feedForward, 0.2),
      matrix(name('ffn_up'), width, feedForward, 0.2),
      keepFirst(matrix(name('ffn_down'), feedForward, width, 0.2)),
    )
  }
  return tensors
}

/** Lets a layer leave the first number of the state as it is. */
function keepFirst(tensor: GGUFTensor): GGUFTensor {
  tensor.data.fill(0, 0, tensor.shape[0])
  return tensor
}
