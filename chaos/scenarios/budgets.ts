import { atMost, that } from '../harness/claim.ts'
import { datasetClaims } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import { oneTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { untilPaused } from '../harness/until-paused.ts'
import type { ProviderSize } from './provider-faults.ts'

const inputUsdPerMillion = 1_000
const outputUsdPerMillion = 4_000

/** A budget of half of what the run needs, raised once the run is paused at it. */
export function halfBudget(size: ProviderSize, unit: 'tokens' | 'usd'): Scenario {
  return {
    name: `budget-${unit}`,
    fault: `a budget of ${unit === 'usd' ? 'dollars' : 'tokens'} at half of the need`,
    mustHold: 'paused at or under the cap, never over; raised with `set`, it completes',
    async run(lab, undisturbed) {
      const { rows, inFlight, latencyMs } = size
      const pipeline = oneTaskPipeline(rows, {
        limits: { maxConcurrency: inFlight },
        params: { generationKwargs: { maxNewTokens: 100 } },
        prices: { inputUsdPerMillion, outputUsdPerMillion },
      })
      const fake = await lab.fake({ latencyMs })
      const spent = async () => {
        const { input, output } = (await fake.stats()).tokens
        return unit === 'tokens'
          ? input + output
          : (input * inputUsdPerMillion + output * outputUsdPerMillion) / 1e6
      }
      // What all of it takes, measured at a store of its own.
      const whole = lab.project('whole', pipeline.files(fake.baseURL))
      resultOf(await lab.run(whole, ['run', pipeline.file, '--json']))
      const cap = Math.floor((await spent()) * 50) / 100
      await fake.reset()

      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const run = 'budget'
      const args = ['run', pipeline.file, '--run-id', run, '--on-stop', 'pause', '--json']
      const budget = String(unit === 'tokens' ? Math.floor(cap) : cap)
      const going = lab.start(folder, [...args, `--budget-${unit}`, budget])
      await untilPaused(lab, folder, run, going)
      const atPause = await spent()
      const raised = await lab.run(folder, ['set', run, `budget.${unit}=${Math.ceil(cap * 3)}`])
      const resumed = await lab.run(folder, ['resume', run])
      const result = resultOf(await going.ended)
      return [
        atMost('spent', atPause, cap, unit === 'usd' ? ' USD' : ' tokens'),
        that(atPause > 0.8 * cap, 'most of it used', `only ${(atPause / cap) * 100} % of it used`),
        that(raised.code === 0, 'raised', `set said: ${raised.stderr.slice(-600)}`),
        that(
          resumed.code === 0 || result.status === 'completed',
          'resumed',
          `resume said: ${resumed.stderr.slice(-600)}`,
        ),
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run }, result)),
      ]
    },
  }
}
