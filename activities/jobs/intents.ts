import type { Price } from '../../src/core/price.ts'
import { readLines } from '../../src/models/http/stream-lines.ts'
import { journalFolder } from '../../src/storage/journal/journal.ts'
import type { Store } from '../../src/storage/store.ts'

/** A batch job that is meant to be: what it asks is counted as asked, from before it is handed in until it is read. */
export interface Intent {
  readonly version: 1
  /** Hash of the requests that it holds. */
  readonly id: string
  /** The run that pays it. */
  readonly run: string
  /** The step of that run whose model it asks. */
  readonly step: string
  /** Type and name of that model. */
  readonly model: string
  readonly requests: number
  /** What its tokens cost, as a job; `null` where it is not known. */
  readonly price: Price | null
  /** The most that it may take. */
  readonly worst: { readonly inputTokens: number; readonly outputTokens: number }
}

/** What has become of an intent. */
export interface IntentState {
  /** Milliseconds since 1970 at which it was last about to be handed in; `null` before, and where that failed for sure. */
  readonly submittedAt: number | null
  /** The id that the provider gave it. */
  readonly job: string | null
  /** Whether the job is known to be this intent's; else its results have to tell. */
  readonly isCertain: boolean
  /** The block of the run's budget that it is paid from. */
  readonly budgetBlock: string | null
  /** Jobs that were taken for this intent's and proved to be others'. */
  readonly foreign: readonly string[]
}

/** What reading a job's results came to; its existence says that nothing more is to come. */
export interface IntentEnd {
  readonly answered: number
  readonly problem: string | null
}

/** An intent as a listing tells of it. */
export interface ListedIntent {
  readonly id: string
  /** Whether {@link Intents.end} has what it came to. */
  readonly hasEnded: boolean
}

/** A line of an intent's input. */
export interface InputLine {
  /** The request as the journal finds it; the job's id for it. */
  readonly hash: string
  readonly place: string
  readonly position: number
  readonly worst: Intent['worst']
  /** The line as the provider gets it. */
  readonly text: string
}

/** Nothing has become of it. */
export const noState: IntentState = {
  submittedAt: null,
  job: null,
  isCertain: false,
  budgetBlock: null,
  foreign: [],
}

const hashBytes = 16
const intentName = 'intent.json'
const endName = 'end.json'

/** The intents of one pipeline, in its store. */
export class Intents {
  readonly #store: Store
  readonly #folder: string

  constructor(store: Store, pipeline: string) {
    this.#store = store
    this.#folder = `${journalFolder(pipeline)}intents/`
  }

  /** All intents, whatever has become of them. */
  async list(): Promise<readonly ListedIntent[]> {
    const ids: string[] = []
    const ended = new Set<string>()
    for await (const { key } of this.#store.list(this.#folder)) {
      const [id = '', name] = key.slice(this.#folder.length).split('/')
      // Written last, it says that all else of it is there.
      if (name === intentName) ids.push(id)
      if (name === endName) ended.add(id)
    }
    return ids.map((id) => ({ id, hasEnded: ended.has(id) }))
  }

  async get(id: string): Promise<Intent | undefined> {
    return await this.#json<Intent>(`${id}/${intentName}`)
  }

  /**
   * Stores an intent: first what it asks, and last that it is one. Where its input is there already, the lines may not be
   * read, or not all of them.
   */
  async create(
    intent: Intent,
    hashes: readonly string[],
    lines: AsyncIterable<InputLine>,
  ): Promise<void> {
    const encoded = async function* () {
      for await (const line of lines) yield toInputLine(line)
    }
    const bytes = Buffer.concat(hashes.map((hash) => Buffer.from(hash, 'hex')))
    await this.#store.writeIfAbsent(`${this.#folder}${intent.id}/input.jsonl`, encoded())
    await this.#store.putIfAbsent(`${this.#folder}${intent.id}/hashes`, bytes)
    await this.#put(`${intent.id}/${intentName}`, intent)
  }

  /** What it asks. */
  async *input(id: string): AsyncGenerator<InputLine> {
    const pieces = await this.#store.read(`${this.#folder}${id}/input.jsonl`)
    if (pieces === undefined) throw new TypeError(`Intent '${id}' has no input.`)
    for await (const line of readLines(pieces)) yield parseInputLine(line)
  }

  /** What its requests are found by in the journal. */
  async hashes(id: string): Promise<readonly string[]> {
    const bytes = await this.#store.get(`${this.#folder}${id}/hashes`)
    if (bytes === undefined) return []
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return Array.from({ length: bytes.byteLength / hashBytes }, (_, index) =>
      buffer.toString('hex', index * hashBytes, (index + 1) * hashBytes),
    )
  }

  /** Its state, with what {@link setState} compares. */
  async state(id: string): Promise<{ readonly state: IntentState; readonly version?: string }> {
    const stored = await this.#store.getVersioned(`${this.#folder}${id}/state.json`)
    if (stored === undefined) return { state: noState }
    // Only this class writes there.
    return { state: JSON.parse(text(stored.bytes)) as IntentState, version: stored.version }
  }

  /** False where somebody else changed it meanwhile. */
  async setState(id: string, state: IntentState, version: string | undefined): Promise<boolean> {
    const key = `${this.#folder}${id}/state.json`
    const bytes = Buffer.from(JSON.stringify(state))
    return (await this.#store.compareAndSet(key, bytes, version)) !== undefined
  }

  /** What it came to; `undefined` while something may still come. */
  async end(id: string): Promise<IntentEnd | undefined> {
    return await this.#json<IntentEnd>(`${id}/${endName}`)
  }

  async setEnd(id: string, end: IntentEnd): Promise<void> {
    await this.#put(`${id}/${endName}`, end)
    await this.#store.delete(`${this.#folder}${id}/input.jsonl`)
  }

  /** Notes that a run waits for it, or does so no more. */
  async wait(id: string, run: string): Promise<void> {
    await this.#put(`${id}/waiters/${run}`, { run })
  }

  async leave(id: string, run: string): Promise<void> {
    await this.#store.delete(`${this.#folder}${id}/waiters/${run}`)
  }

  /** The runs that wait for it. */
  async waiters(id: string): Promise<readonly string[]> {
    const prefix = `${this.#folder}${id}/waiters/`
    const runs: string[] = []
    for await (const { key } of this.#store.list(prefix)) runs.push(key.slice(prefix.length))
    return runs
  }

  async #json<T>(name: string): Promise<T | undefined> {
    const bytes = await this.#store.get(`${this.#folder}${name}`)
    // Only this class writes there.
    return bytes === undefined ? undefined : (JSON.parse(text(bytes)) as T)
  }

  async #put(name: string, value: object): Promise<void> {
    await this.#store.putIfAbsent(`${this.#folder}${name}`, Buffer.from(JSON.stringify(value)))
  }
}

/** A line of an input as it is stored. */
export function toInputLine({ hash, place, position, worst, text }: InputLine): Uint8Array {
  const line = [hash, place, position, worst.inputTokens, worst.outputTokens, text]
  return Buffer.from(`${JSON.stringify(line)}\n`)
}

/** Reads what {@link toInputLine} wrote. */
export function parseInputLine(line: string): InputLine {
  // As above.
  const [hash, place, position, inputTokens, outputTokens, text] = JSON.parse(line) as [
    string,
    string,
    number,
    number,
    number,
    string,
  ]
  return { hash, place, position, worst: { inputTokens, outputTokens }, text }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
