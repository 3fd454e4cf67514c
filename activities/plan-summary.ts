import { budgetedModels } from '../src/core/check-budget.ts'
import { quoted } from '../src/core/names.ts'
import { sourceRows } from '../src/core/plan.ts'
import type { Plan, PlannedStep } from '../src/core/plan.ts'
import type { JournalStats } from '../src/storage/journal/journal.ts'
import type { PlanSummary } from './activities.ts'

/** What of a plan the workflow needs, with what the user is to be told. */
export function toSummary(plan: Plan, journal: JournalStats): PlanSummary {
  return {
    rows: sourceRows(plan),
    shardSize: plan.shardSize,
    sources: plan.sources.map(({ step, rows }) => ({ step, rows })),
    stages: plan.stages,
    target: plan.target,
    growth: plan.growth ?? 1,
    steps: plan.steps.map(({ model, ...step }) => ({
      ...pick(step),
      limitGroup: model?.limitGroup ?? null,
      maxConcurrency: model?.maxConcurrency ?? null,
      share: step.after.length === 1 ? (plan.steps[step.after[0] ?? 0]?.route?.share ?? 1) : 1,
    })),
    leaves: plan.leaves,
    models: budgetedModels(plan.steps),
    notices: [...simulatedNotice(plan), ...damageNotice(journal)],
    plannedAt: plan.plannedAt,
  }
}

function pick(step: Omit<PlannedStep, 'model'>) {
  const { name, type, kind, batchSize, after, barrier, isGathered, roots, taskQueue } = step
  return { name, type, kind, batchSize, after, barrier, isGathered, roots, taskQueue }
}

function simulatedNotice({ steps }: Plan): string[] {
  const simulated = steps.filter(({ model }) => model?.isSimulated === true)
  if (simulated.length === 0) return []
  const isUnasked = simulated.some(({ model }) => model?.isFromEnvironment === true)
  const advice = isUnasked
    ? ' Set MISTRAL_API_KEY or OPENAI_API_KEY, or name a model, for real ones.'
    : ''
  const names = quoted(simulated.map(({ name }) => name))
  return [`The answers of ${names} are simulated: no model is asked.${advice}`]
}

function damageNotice({ damaged }: JournalStats): string[] {
  const [first] = damaged
  if (first === undefined) return []
  const count = damaged.length === 1 ? 'One object' : `${damaged.length} objects`
  return [
    `${count} of the journal could not be read and ${damaged.length === 1 ? 'is' : 'are'} passed over, so what stood there is asked again: '${first.key}' (${first.reason})${damaged.length === 1 ? '' : ', …'}.`,
  ]
}
