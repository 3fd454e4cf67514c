import type { Plan, PlannedSource, PlannedStep } from './plan.ts'
import type { StepPlace } from './stages.ts'

/** A plan as it was stored before pipelines had several generators and global steps. */
interface FirstPlan extends Omit<Plan, 'version' | 'sources' | 'stages' | 'target' | 'steps'> {
  readonly version: 1
  readonly source: PlannedSource
  readonly steps: readonly Omit<PlannedStep, keyof StepPlace>[]
}

/** A plan as a run stored it, also an earlier release. */
export function parsePlan(bytes: Uint8Array): Plan {
  // Only this package stores plans, below a key of their own.
  const plan = JSON.parse(new TextDecoder().decode(bytes)) as Plan | FirstPlan
  if (plan.version !== 1) return plan
  const { source, steps, version: _, ...others } = plan
  const run = [...steps.keys()].filter((step) => step !== source.step)
  return {
    ...others,
    version: 2,
    sources: [source],
    steps: steps.map((step, index) => ({
      ...step,
      barrier: null,
      isGathered: index === source.step,
      roots: [source.step],
    })),
    stages: [{ barrier: null, steps: run, stages: [] }],
    target: null,
  }
}
