import { changingPipeline } from '../harness/changing-pipeline.ts'
import type { Edition } from '../harness/changing-pipeline.ts'
import { exactly } from '../harness/claim.ts'
import type { Claim } from '../harness/claim.ts'
import { at, datasetClaims } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import type { Lab } from '../harness/lab.ts'
import type { Scenario } from '../harness/scenario.ts'
import type { Undisturbed } from '../harness/undisturbed.ts'

interface Change {
  readonly what: string
  readonly edition: Partial<Edition>
  readonly calls: number
  /** Whether the second provider is asked, which answers at another address. */
  readonly isElsewhere?: true
}

/** One row more, wherever it stands: one call. */
export function rowAdded(rows: number): Scenario {
  return {
    name: 'row-added',
    fault: `+1 row at the front, in the middle, at the end of ${rows} rows`,
    mustHold: '1 call each',
    run: (lab, undisturbed) =>
      runChanges(lab, undisturbed, { rows }, [
        { what: 'front', edition: { newRow: { at: 0, text: 'One more.' } }, calls: 1 },
        {
          what: 'middle',
          edition: { newRow: { at: Math.floor(rows / 2), text: 'And one more.' } },
          calls: 1,
        },
        { what: 'end', edition: { newRow: { at: rows, text: 'And the last.' } }, calls: 1 },
      ]),
  }
}

/** What of a pipeline may be edited without asking again, and what is asked where it must be. */
export function pipelineEdited(rows: number): Scenario {
  return {
    name: 'pipeline-edited',
    fault:
      'batch size or a step’s name changed; parser edited; prompt of every tenth row edited; a step added; model changed',
    mustHold: '0; 0; 0; exactly the changed rows’; only the new step’s; all',
    run: (lab, undisturbed) =>
      runChanges(lab, undisturbed, { rows }, [
        { what: 'batch size', edition: { inputBatchSize: 30 }, calls: 0 },
        { what: 'step’s name', edition: { stepName: 'remark' }, calls: 0 },
        { what: 'parser', edition: { parser: 'text.toUpperCase()' }, calls: 0 },
        {
          what: 'prompt',
          edition: { prompt: "(row.id % 10 === 0 ? 'Kindly. ' : '') + row.instruction" },
          calls: Math.ceil(rows / 10),
        },
        { what: 'step added', edition: { hasAddedStep: true }, calls: rows },
        { what: 'model', edition: { model: 'other' }, calls: rows },
      ]),
  }
}

/** The same model at another address, which is another provider unless it has a name. */
export function endpointChanged(rows: number, provider: 'named' | 'unnamed'): Scenario {
  const isNamed = provider === 'named'
  return {
    name: `endpoint-${provider}`,
    fault: `endpoint changed ${isNamed ? 'with' : 'without'} \`provider\``,
    mustHold: isNamed ? '0' : 'all',
    run: (lab, undisturbed) =>
      runChanges(lab, undisturbed, { rows, ...(isNamed ? { provider: 'fakes' } : {}) }, [
        { what: 'address', edition: {}, calls: isNamed ? 0 : rows, isElsewhere: true },
      ]),
  }
}

/** Runs the first edition, then each change of it over the same store. */
async function runChanges(
  lab: Lab,
  undisturbed: Undisturbed,
  first: Edition,
  changes: readonly Change[],
): Promise<Claim[]> {
  const [fake, elsewhere] = [await lab.fake({}), await lab.fake({})]
  const env = { RETORT_STORE: `file:${lab.folder}/store` }
  const claims: Claim[] = []
  const editions = [
    { what: 'first', edition: {}, calls: first.rows, isElsewhere: undefined },
    ...changes,
  ]
  for (const [index, { what, edition, calls, isElsewhere }] of editions.entries()) {
    const provider = isElsewhere === true ? elsewhere : fake
    const pipeline = changingPipeline({ ...first, ...edition })
    const folder = lab.project('project', pipeline.files(provider.baseURL))
    const run = `edition-${index}`
    await Promise.all([fake.reset(), elsewhere.reset()])
    const result = resultOf(
      await lab.run(folder, ['run', pipeline.file, '--run-id', run, '--json'], env),
    )
    const answered = (await fake.stats()).answered + (await elsewhere.stats()).answered
    claims.push(
      ...at(what, [
        exactly('calls', answered, calls),
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
      ]),
    )
  }
  return claims
}
