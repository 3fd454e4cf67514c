import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

import { measure } from './harness/scenario.ts'
import { createUndisturbed } from './harness/undisturbed.ts'
import { scenarios } from './scenarios.ts'

// `npm run chaos`: what happens to a run when the parts that it stands on fail, in real processes. `--only NAME` (several
// times) runs some of the scenarios, `--runs N` all of them N times.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string', default: '1' },
    list: { type: 'boolean' },
  },
})
const unknown = values.only?.find((name) => scenarios.every((scenario) => scenario.name !== name))
const runs = Number(values.runs)
if (unknown !== undefined || !(Number.isSafeInteger(runs) && runs > 0)) {
  const names = scenarios.map(({ name }) => name).join(', ')
  process.stderr.write(
    unknown === undefined
      ? `--runs takes a whole number of 1 or more, not '${values.runs}'.\n`
      : `There is no scenario '${unknown}'. There are: ${names}.\n`,
  )
  process.exit(2)
}
if (values.list) {
  process.stdout.write(scenarios.map(({ name, fault }) => `${name}: ${fault}\n`).join(''))
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const [cpu] = cpus()
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}\n\n| fault | must hold | measured | s | |\n|---|---|---|---|---|\n`,
)
const undisturbed = createUndisturbed()
let isAllHolding = true
for (let run = 1; run <= runs; run++) {
  if (runs > 1) process.stdout.write(`| run ${run} of ${runs} | | | | |\n`)
  for (const scenario of scenarios) {
    if (values.only !== undefined && !values.only.includes(scenario.name)) continue
    const { claims, holds, seconds, logs } = await measure(scenario, undisturbed)
    isAllHolding &&= holds
    const measured = claims
      .map(({ text, holds: one }) => (one ? text : `**${text}**`))
      .join(' · ')
      .replaceAll(/\s*\n\s*/g, ' ')
    process.stdout.write(
      `| ${scenario.fault} | ${scenario.mustHold} | ${measured} | ${seconds.toFixed(0)} | ${holds ? 'yes' : 'no'} |\n`,
    )
    if (logs !== undefined) process.stderr.write(`${scenario.name}: logs are in ${logs}\n`)
  }
}
process.exitCode = isAllHolding ? 0 : 1
