import { scenarios } from './scenarios.ts'
import { type Measured, runScenario } from './run-scenario.ts'

// `node bench/limiter/main.ts [scenario …]`: how close limiters come to what a provider permits, on real time, over
// HTTP. What two worker processes would share out is divided between two limiters of this process.

async function main(): Promise<void> {
  const chosen = process.argv.slice(2)
  const unknown = chosen.find((name) => !(name in scenarios))
  if (unknown !== undefined) {
    process.stderr.write(
      `There is no scenario '${unknown}'; ${Object.keys(scenarios).join(', ')} are.\n`,
    )
    process.exit(2)
  }
  process.stdout.write('| scenario | seconds | target | 429s | target | requests | |\n')
  process.stdout.write('|---|---|---|---|---|---|---|\n')
  let isReached = true
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    const measured = await runScenario(scenario)
    const { line, isGood } = toLine(scenario.title, measured, scenario.targets)
    process.stdout.write(`${line}\n`)
    isReached &&= isGood
  }
  process.exit(isReached ? 0 : 1)
}

function toLine(
  title: string,
  { seconds, refused, requests, rejected }: Measured,
  targets: { readonly seconds: number; readonly refused?: number },
): { line: string; isGood: boolean } {
  const isGood =
    rejected === 0 && seconds <= targets.seconds && refused <= (targets.refused ?? Infinity)
  const cells = [
    title,
    seconds.toFixed(1),
    `≤ ${targets.seconds.toFixed(1)}`,
    refused,
    targets.refused === undefined ? '' : `≤ ${targets.refused}`,
    requests,
    isGood ? 'yes' : 'no',
  ]
  return { line: `| ${cells.join(' | ')} |`, isGood }
}

await main()
