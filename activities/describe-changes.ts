import type { Plan, PlannedStep } from '../src/core/plan.ts'

/** What of a plan's results differs from another's, each as a part of a sentence; pace and place are no changes. */
export function describeChanges(before: Plan, after: Plan): string[] {
  const changes: string[] = []
  const names = new Map(before.steps.map((step) => [step.name, step]))
  if (before.spec.name !== after.spec.name)
    changes.push(`the pipeline was '${before.spec.name}' and is '${after.spec.name}'`)
  if (before.seed !== after.seed) changes.push(`the seed was ${before.seed} and is ${after.seed}`)
  for (const step of after.steps) {
    const known = names.get(step.name)
    names.delete(step.name)
    if (known === undefined) changes.push(`step '${step.name}' was added`)
    else if (known.kind === 'generator' && before.source.key !== after.source.key)
      changes.push(`the source '${step.name}' changed`)
    else if (known.signature !== step.signature) changes.push(`step '${step.name}' changed`)
    else if (afterNames(before, known.after) !== afterNames(after, step.after))
      changes.push(`step '${step.name}' comes after other steps`)
    if (known !== undefined && routeText(known) !== routeText(step))
      changes.push(`the route behind step '${step.name}' changed`)
  }
  for (const name of names.keys()) changes.push(`step '${name}' was removed`)
  return changes
}

function afterNames(plan: Plan, after: readonly number[]): string {
  return after.map((index) => plan.steps[index]?.name).join('\n')
}

/** What decides which rows go where. */
function routeText({ route }: PlannedStep): string {
  return route === null
    ? ''
    : [route.signature, route.ordinal, ...route.branches.map(({ name }) => name)].join('\n')
}
