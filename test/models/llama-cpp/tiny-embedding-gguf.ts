import { createWeights } from '../random-weights.ts'
import { characters, syllables } from '../tiny-vocabulary.ts'

import { type GGUFTensor, writeGGUF } from './gguf-file.ts'

const width = 32
const feedForward = 64
const contextLength = 512

/** Writes a model of BERT's architecture with random weights, which takes the mean of its tokens. */
export async function writeTinyEmbeddingGGUF(path: string, seed = 'tiny'): Promise<void> {
  const tokens = wordPieces()
  await writeGGUF(
    path,
    {
      'general.architecture': 'bert',
      'general.name': 'tiny-embedding',
      'general.file_type': { u32: 0 },
      'bert.context_length': { u32: contextLength },
      'bert.embedding_length': { u32: width },
      'bert.block_count': { u32: 1 },
      'bert.feed_forward_length': { u32: feedForward },
      'bert.attention.head_count': { u32: 2 },
      'bert.attention.layer_norm_epsilon': { f32: 1e-12 },
      'bert.attention.causal': false,
      'bert.pooling_type': { u32: 1 },
      'tokenizer.ggml.model': 'bert',
      'tokenizer.ggml.token_type_count': { u32: 2 },
      'tokenizer.ggml.tokens': { strings: tokens },
      'tokenizer.ggml.token_type': { ints: tokens.map((_, index) => (index < 5 ? 3 : 1)) },
      'tokenizer.ggml.unknown_token_id': { u32: 1 },
      'tokenizer.ggml.bos_token_id': { u32: 2 },
      'tokenizer.ggml.cls_token_id': { u32: 2 },
      'tokenizer.ggml.eos_token_id': { u32: 3 },
      'tokenizer.ggml.seperator_token_id': { u32: 3 },
      'tokenizer.ggml.mask_token_id': { u32: 4 },
      'tokenizer.ggml.padding_token_id': { u32: 0 },
    },
    encoderTensors(tokens.length, seed),
  )
}

/** Pieces at the beginning of a word are marked, those within one are not. */
function wordPieces(): readonly string[] {
  const pieces = [...characters.filter((character) => !/[A-Z ]/.test(character)), ...syllables]
  return [
    '[PAD]',
    '[UNK]',
    '[CLS]',
    '[SEP]',
    '[MASK]',
    ...pieces.map((piece) => `▁${piece}`),
    ...pieces,
  ]
}

function encoderTensors(vocabulary: number, seed: string): readonly GGUFTensor[] {
  const weights = createWeights(seed)
  const matrix = (name: string, columns: number, rows: number, deviation: number): GGUFTensor => ({
    name,
    shape: [columns, rows],
    data: weights(name, columns * rows, deviation),
  })
  const constant = (name: string, length: number, value: number): GGUFTensor => ({
    name,
    shape: [length],
    data: new Float32Array(length).fill(value),
  })
  const norm = (name: string) => [
    constant(`${name}.weight`, width, 1),
    constant(`${name}.bias`, width, 0),
  ]
  const linear = (name: string, columns: number, rows: number) => [
    matrix(`${name}.weight`, columns, rows, 0.3),
    constant(`${name}.bias`, rows, 0),
  ]
  return [
    matrix('token_embd.weight', width, vocabulary, 1),
    matrix('token_types.weight', width, 2, 0.1),
    matrix('position_embd.weight', width, contextLength, 0.2),
    ...norm('token_embd_norm'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].flatMap((name) =>
      linear(`blk.0.${name}`, width, width),
    ),
    ...norm('blk.0.attn_output_norm'),
    ...linear('blk.0.ffn_up', width, feedForward),
    ...linear('blk.0.ffn_down', feedForward, width),
    ...norm('blk.0.layer_output_norm'),
  ]
}
