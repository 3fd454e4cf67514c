import type { Plan, PlannedSource, PlannedStep } from '../src/core/plan.ts'

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
    else if (!isSameSource(sourceOf(before, step.name), sourceOf(after, step.name)))
      changes.push(`the source '${step.name}' changed`)
    else if (known.signature !== step.signature) changes.push(`step '${step.name}' changed`)
    else if (afterNames(before, known.after) !== afterNames(after, step.after))
      changes.push(`step '${step.name}' comes after other steps`)
    if (known !== undefined && routeText(known) !== routeText(step))
      changes.push(`the route behind step '${step.name}' changed`)
  }
  if (targetText(before) !== targetText(after))
    changes.push(`${targetText(before)} were to be made and ${targetText(after)} are`)
  for (const name of names.keys()) changes.push(`step '${name}' was removed`)
  return changes
}

/** The rows of a generator. */
function sourceOf({ sources, steps }: Plan, name: string): PlannedSource | undefined {
  return sources.find(({ step }) => steps[step]?.name === name)
}

/** Whether rows are the same, but for how many of them may be taken until enough have passed. */
function isSameSource(
  before: PlannedSource | undefined,
  after: PlannedSource | undefined,
): boolean {
  if (before?.key === after?.key) return true
  return before?.content !== undefined && before.content === after?.content
}

function afterNames(plan: Plan, after: readonly number[]): string {
  return after.map((index) => plan.steps[index]?.name).join('\n')
}

/** How many rows are to be made; where they end if enough do not pass, changes none of them. */
function targetText({ target }: Plan): string {
  return target === null ? 'all rows' : `${target.accepted} accepted rows`
}

/** What decides which rows go where. */
function routeText({ route }: PlannedStep): string {
  return route === null
    ? ''
    : [route.signature, route.ordinal, ...route.branches.map(({ name }) => name)].join('\n')
}
