import { hasFiles } from '../src/core/chat.ts'
import type { ChatMessage } from '../src/core/chat.ts'
import { RetortError } from '../src/core/errors.ts'
import type { JsonObject } from '../src/core/json.ts'
import type { LogicalRequest } from '../src/core/request-hash.ts'
import { noModel } from '../src/core/run-step.ts'
import { placeOf } from '../src/core/staged-row.ts'
import type { StagedRow } from '../src/core/staged-row.ts'
import type { Question, StepModel } from '../src/core/step.ts'
import type { JournalAnswer, JournalEntry } from '../src/storage/journal/journal.ts'
import type { AnswerCount, Answers, AskedRequest } from './answers.ts'
import { callChat } from './calls/call-chat.ts'
import { callEmbeddings } from './calls/call-embeddings.ts'
import { callImageModel } from './calls/call-image-model.ts'
import type { ImageFiles } from './image-files.ts'
import type { CalledModel, Paid } from './model-call.ts'

/** A batch of a step that asks its model. */
export interface AskingBatch {
  readonly run: string
  readonly stepName: string
  readonly rows: readonly StagedRow[]
  /** Whether equal requests of two rows are two requests. */
  readonly resample: boolean
  /** The model's own parameters of generation. */
  readonly parameters: JsonObject
  hashOf(request: LogicalRequest): string
  /** How often a row was to be asked for anew. */
  retryOf(identity: string, sampleIndex: number): number
  readonly answers: Answers
  readonly count: AnswerCount
  readonly images: ImageFiles
  readonly checkFormat: StepModel['checkFormat']
  readonly readStructured: StepModel['readStructured']
}

/** Answers what a batch asks: from the journal what that knows, and from the model the rest. */
export function createQuestions(batch: AskingBatch, model: CalledModel | undefined): StepModel {
  if (model === undefined) return noModel(batch.stepName)
  const { answers, count, images } = batch
  /** What several samples of a row ask together, by their one conversation. */
  const together = new WeakMap<readonly ChatMessage[], readonly Promise<JournalEntry>[]>()

  const rowOf = (rowIndex: number) => batch.rows[rowIndex] ?? { origin: '0', identity: '' }
  const identify = (
    rowIndex: number,
    request: Pick<LogicalRequest, 'messages' | 'sampleIndex' | 'format'>,
    reask = 0,
  ): AskedRequest => {
    const row = rowOf(rowIndex)
    const { sampleIndex, messages } = request
    const hash = batch.hashOf({
      ...request,
      retry: batch.retryOf(row.identity, sampleIndex),
      identity: batch.resample ? row.identity : null,
      ...(messages[0]?.role === 'prompt' ? { reask } : {}),
    })
    const place = `${batch.stepName}/${row.origin}/${sampleIndex}/${reask}`
    return { hash, place, position: placeOf(row) }
  }
  const toEntry = (
    { hash, place, position }: AskedRequest,
    { reply: answer, costNanoUsd, budgetBlock }: Paid<JournalAnswer>,
  ): JournalEntry => ({
    hash,
    answer,
    costNanoUsd,
    budgetBlock,
    run: batch.run,
    place,
    position,
  })
  /** The entries of requests, of which `call` asks what is not known. */
  const obtain = (
    asked: readonly AskedRequest[],
    call: (missing: readonly number[]) => readonly Promise<Paid<JournalAnswer>>[],
  ): readonly Promise<JournalEntry>[] =>
    answers.get(asked, (missing) =>
      call(missing).map(async (paying, place) => {
        const one = asked[missing[place] ?? 0]
        if (one === undefined) throw new TypeError('An answer came to nothing that was asked.')
        return toEntry(one, await paying)
      }),
    )

  const askChat = (question: Question, messages: readonly ChatMessage[]) => {
    const { rowIndex, sampleIndex, samples = 1, reask, format, example } = question
    const known = together.get(question.messages)
    if (known !== undefined && samples > 1) return known
    const indexes =
      samples > 1 ? Array.from({ length: samples }, (_, index) => index) : [sampleIndex]
    const asked = indexes.map((index) =>
      identify(rowIndex, { messages, sampleIndex: index, format }, reask),
    )
    const entries = obtain(asked, (missing) =>
      callChat(model, {
        messages,
        format,
        example,
        sampleIndexes: missing.map((index) => indexes[index] ?? 0),
        priority: placeOf(rowOf(rowIndex)),
        parameters: batch.parameters,
      }),
    )
    if (samples > 1) together.set(question.messages, entries)
    return entries
  }

  return {
    async ask(question) {
      const { messages, sampleIndex, samples = 1, reask, rowIndex } = question
      if (messages[0]?.role === 'prompt' && !model.continuesPrompts) throw noPrompts(batch, model)
      const shown = hasFiles(messages) ? await images.show(messages) : messages
      const entries = askChat(question, shown)
      const entry = await required(entries[samples > 1 ? sampleIndex : 0])
      const { origin } = rowOf(rowIndex)
      const answer = count.use(`${batch.stepName}/${origin}/${sampleIndex}/${reask}`, entry)
      if (!('choices' in answer)) throw foreign(batch.stepName)
      return answer
    },
    embed(questions) {
      const asked = questions.map(({ text, rowIndex }) =>
        identify(rowIndex, { messages: [{ role: 'text', content: text }], sampleIndex: 0 }),
      )
      const entries = obtain(asked, (missing) =>
        callEmbeddings(model, {
          texts: missing.map((index) => questions[index]?.text ?? ''),
          priority: asked[missing[0] ?? 0]?.position ?? 0,
        }),
      )
      return entries.map(async (entry, index) => {
        const answer = count.use(asked[index]?.place ?? '', await entry)
        if (!('vector' in answer)) throw foreign(batch.stepName)
        return answer
      })
    },
    async makeImage({ prompt, rowIndex, sampleIndex }) {
      const messages = [{ role: 'image', content: prompt }]
      const asked = identify(rowIndex, { messages, sampleIndex })
      const [entry] = obtain([asked], () => [
        callImageModel(model, images, { prompt, sampleIndex, priority: asked.position }),
      ])
      const answer = count.use(asked.place, await required(entry))
      if (!('image' in answer)) throw foreign(batch.stepName)
      return answer
    },
    checkFormat: batch.checkFormat,
    readStructured: batch.readStructured,
  }
}

async function required(entry: Promise<JournalEntry> | undefined): Promise<JournalEntry> {
  if (entry === undefined) throw new TypeError('A sample was asked for that is none of the row.')
  return await entry
}

function noPrompts({ stepName }: AskingBatch, { live }: CalledModel): RetortError {
  return new RetortError(
    'request-unfit',
    `Step '${stepName}' gives its model raw prompts, which ${live.type} '${live.model}' does not continue; give it a model that does (see 'retort models').`,
  )
}

function foreign(stepName: string): RetortError {
  return new RetortError(
    'store-corrupt',
    `The journal has an answer of another kind to what step '${stepName}' asks.`,
  )
}
