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

interface Edit {
  readonly what: string
  readonly edition: Partial<Edition>
  /** Part of the rows that must be asked for. */
  readonly share: number
}

/** One row more, wherever it stands: one call. */
export function rowAdded(
  rows: number,
  places: readonly ('front' | 'middle' | 'end')[] = ['front', 'middle', 'end'],
): Scenario {
  const positions = { front: 0, middle: Math.floor(rows / 2), end: rows }
  return {
    name: 'row-added',
    fault: `+1 row at the ${places.join(', ')} of ${rows} rows`,
    mustHold: '1 call each',
    run: (lab, undisturbed) =>
      runChanges(
        lab,
        undisturbed,
        { rows },
        places.map((what) => ({
          what,
          edition: { newRow: { at: positions[what], text: `One more at the ${what}.` } },
          calls: 1,
        })),
      ),
  }
}

const edits: readonly Edit[] = [
  { what: 'batch size', edition: { inputBatchSize: 30 }, share: 0 },
  { what: 'name of the step', edition: { stepName: 'remark' }, share: 0 },
  { what: 'parser', edition: { parser: 'text.toUpperCase()' }, share: 0 },
  {
    what: 'prompt of every tenth row',
    edition: { prompt: "(row.id % 10 === 0 ? 'Kindly. ' : '') + row.instruction" },
    share: 0.1,
  },
  { what: 'step added', edition: { hasAddedStep: true }, share: 1 },
  { what: 'model', edition: { model: 'other' }, share: 1 },
]

/** What of a pipeline may be edited without asking again, and what is asked where it must be. */
export function pipelineEdited(rows: number, most = edits.length): Scenario {
  const chosen = edits.slice(-most)
  return {
    name: 'pipeline-edited',
    fault: `edited: ${chosen.map(({ what }) => what).join('; ')}`,
    mustHold: `calls for ${chosen.map(({ share }) => `${share * 100} %`).join('; ')} of the rows`,
    run: (lab, undisturbed) =>
      runChanges(
        lab,
        undisturbed,
        { rows },
        chosen.map(({ what, edition, share }) => ({
          what,
          edition,
          calls: Math.ceil(share * rows),
        })),
      ),
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
