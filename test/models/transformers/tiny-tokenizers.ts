import { characters, chatTemplate, syllables } from '../tiny-vocabulary.ts'

/** A tokenizer in the files that a model's folder holds. */
export interface TinyTokenizer {
  readonly tokens: readonly string[]
  /** The content of `tokenizer.json`. */
  readonly tokenizer: object
  /** The content of `tokenizer_config.json`. */
  readonly config: object
}

const decoderMarks = ['<s>', '</s>', '<|im_start|>', '<|im_end|>']
const encoderMarks = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']

/** Byte pairs over all bytes, as decoders have them; syllables are one token. */
export function decoderTokenizer(
  maxLength: number,
  template: string | null = chatTemplate,
): TinyTokenizer {
  const byteTokens = byteCharacters()
  const tokens = [...decoderMarks, ...byteTokens, ...syllables]
  return {
    tokens,
    tokenizer: {
      ...tokenizerShape(decoderMarks),
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      decoder: { type: 'ByteLevel' },
      model: {
        type: 'BPE',
        vocab: indexed(tokens),
        merges: syllables.map((syllable) => syllable.split('').join(' ')),
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<s>',
      eos_token: '</s>',
      model_max_length: maxLength,
      ...(template === null ? {} : { chat_template: template }),
    },
  }
}

/** Pieces of words between two marks, as encoders have them. */
export function encoderTokenizer(maxLength: number): TinyTokenizer {
  const pieces = [...characters.filter((character) => !/[A-Z ]/.test(character)), ...syllables]
  const tokens = [...encoderMarks, ...pieces, ...pieces.map((piece) => `##${piece}`)]
  const mark = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } })
  return {
    tokens,
    tokenizer: {
      ...tokenizerShape(encoderMarks),
      normalizer: { type: 'BertNormalizer', lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [mark('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, mark('[SEP]')],
        pair: [],
        special_tokens: Object.fromEntries(
          ['[CLS]', '[SEP]'].map((token) => [
            token,
            { id: token, ids: [encoderMarks.indexOf(token)], tokens: [token] },
          ]),
        ),
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: indexed(tokens),
      },
    },
    config: {
      tokenizer_class: 'BertTokenizer',
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      mask_token: '[MASK]',
      model_max_length: maxLength,
    },
  }
}

function tokenizerShape(marks: readonly string[]): object {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: marks.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    post_processor: null,
  }
}

function indexed(tokens: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(tokens.map((token, index) => [token, index]))
}

/** The characters that stand for the 256 bytes: printable ones for themselves, others for one further on. */
function byteCharacters(): readonly string[] {
  let shifted = 256
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
    return String.fromCodePoint(isPrintable ? byte : shifted++)
  })
}
