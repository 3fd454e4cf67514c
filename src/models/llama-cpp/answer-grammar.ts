import type { Llama, LlamaGrammar } from 'node-llama-cpp'

import type { AnswerFormat } from '../../core/chat.ts'
import { canonicalJson } from '../../core/json.ts'

import { toGrammarSchema } from './grammar-schema.ts'
import { toRegexGrammar } from './regex-grammar.ts'

/** What holds an answer to a form. */
export interface AnswerGrammar {
  readonly grammar: LlamaGrammar
  /** Texts that end an answer of this form, and are no part of it; nor is white space before them. */
  readonly stops: readonly string[]
}

/** The library's own grammars of JSON go on with this when the value is complete. */
const afterJSON = '\n\n\n\n'

/** Makes grammars of forms, each form's once. */
export class AnswerGrammars {
  readonly #llama: Llama
  readonly #known = new Map<string, Promise<AnswerGrammar | undefined>>()

  constructor(llama: Llama) {
    this.#llama = llama
  }

  /** The grammar of a form; `undefined` where there is none, and words must do. */
  async of(format: AnswerFormat): Promise<AnswerGrammar | undefined> {
    const key = canonicalJson(format)
    const known = this.#known.get(key)
    if (known !== undefined) return await known
    // A form of its own for each row would fill the memory.
    if (this.#known.size >= 100) this.#known.clear()
    const making = this.#make(format)
    this.#known.set(key, making)
    return await making
  }

  async #make(format: AnswerFormat): Promise<AnswerGrammar | undefined> {
    if (format.format === 'regex') {
      const grammar = toRegexGrammar(format.pattern)
      if (grammar === undefined) return undefined
      return await orNone(this.#llama.createGrammar({ grammar }), [])
    }
    const schema = toGrammarSchema(format.schema)
    if (schema === undefined) return undefined
    return await orNone(this.#llama.createGrammarForJsonSchema(schema), [afterJSON])
  }
}

/** A grammar that llama.cpp cannot read (one too large, for instance) is none. */
async function orNone(
  making: Promise<LlamaGrammar>,
  stops: readonly string[],
): Promise<AnswerGrammar | undefined> {
  try {
    return { grammar: await making, stops }
  } catch {
    return undefined
  }
}
