import { toError } from '../client/run-result.ts'
import { readSteps } from '../client/read-steps.ts'
import { newRunId } from '../local/settle-run-id.ts'
import type { PipelineSpec } from '../core/spec.ts'
import { runHere } from '../local/run-here.ts'
import type { RunnablePipeline } from '../local/run-here.ts'
import { removeDataset } from '../storage/dataset/remove-dataset.ts'
import { followRun } from './follow-run.ts'
import { onInterrupt } from './interrupts.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { previewedRows } from './previewed-rows.ts'
import type { PreviewedRow } from './previewed-rows.ts'
import { exitCodeOf, exitCodes, printError } from './report-error.ts'
import { rowText } from './row-text.ts'
import { writeJson, writeOut } from './stdout.ts'
import { openTerminal } from './terminal.ts'

/** Options of `retort preview`. */
export interface PreviewOptions {
  readonly rows: number
  readonly set: readonly string[]
  readonly params: readonly string[]
  readonly store?: string
  readonly json?: true
}

/** Runs a pipeline on its first rows and shows what each step makes of them. */
export async function previewCommand(file: string, options: PreviewOptions): Promise<number> {
  const terminal = openTerminal({ isQuiet: false })
  const pipeline = await loadPipelineFile(file, options)
  const session = await runHere(
    { ...pipeline, spec: withRawTexts(pipeline) },
    {
      runId: `preview-${newRunId(pipeline.spec.name)}`,
      maxRows: options.rows,
      store: options.store,
      concurrent: true,
      isPreview: true,
      onNotice: (line) => terminal.note(line),
    },
  )
  const stopListening = onInterrupt((count) => {
    if (count > 1) process.exit(exitCodes.interrupted)
    void session.interrupt()
  })
  try {
    const { result } = await followRun(session, terminal, options.store)
    if (result.status === 'interrupted') return exitCodes.interrupted
    if (result.status !== 'completed') {
      const error = toError(result)
      printError(error)
      return exitCodeOf(error)
    }
    const { store } = session.place
    await removeDataset(store, pipeline.spec.name, session.runId)
    const { plan, steps } = await readSteps(store, session.runId)
    for (const shown of previewedRows(plan, steps))
      await (options.json === true ? writeJson(shown) : writeOut(previewText(shown)))
    const { calls, reusedAnswers } = result
    terminal.note(
      `${calls} ${calls === 1 ? 'call' : 'calls'}, ${reusedAnswers} answers reused; the whole run uses these answers, too.`,
    )
    return exitCodes.completed
  } finally {
    stopListening()
    await session.close()
  }
}

/** The same pipeline, whose tasks keep what they sent and got; their answers are found by what is sent. */
function withRawTexts({ spec, registry }: RunnablePipeline): PipelineSpec {
  const steps = spec.steps.map((step) => {
    const definition = registry.steps.get(step.type)?.definition
    const isTask = definition?.kind === 'map' && definition.asks === 'llm'
    return isTask
      ? { ...step, params: { ...step.params, addRawInput: true, addRawOutput: true } }
      : step
  })
  return { ...spec, steps }
}

function previewText({
  step,
  type,
  origin,
  prompt,
  answer,
  output,
  rejected,
}: PreviewedRow): string {
  const columns = {
    ...(prompt === undefined ? {} : { '(prompt)': prompt }),
    ...(answer === undefined ? {} : { '(answer)': answer }),
    ...output,
    ...(rejected === undefined ? {} : { '(rejected)': `${rejected.code}: ${rejected.reason}` }),
  }
  const isUnchanged = Object.keys(columns).length === 0
  return rowText(isUnchanged ? { '(unchanged)': '' } : columns, `row ${origin} · ${step} (${type})`)
}
