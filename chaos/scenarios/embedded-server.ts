import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { readServerFile } from '../../src/local/keeper/server-file.ts'
import type { ServerFile } from '../../src/local/keeper/server-file.ts'
import { waitUntil } from '../../test/e2e/wait-until.ts'
import { exactly, that } from '../harness/claim.ts'
import type { Claim } from '../harness/claim.ts'
import { at, datasetClaims, paidTwice } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import { oneTaskPipeline, twoTaskPipeline } from '../harness/pipelines.ts'
import { processesNaming } from '../harness/processes.ts'
import type { Scenario } from '../harness/scenario.ts'
import { untilAnswered } from '../harness/until-answered.ts'
import type { KillSize } from './worker-killed.ts'

/** `kill -9` of the keeper, or of the server that it keeps, under a run that goes on. */
export function embeddedKilled(size: KillSize, victim: 'keeper' | 'server'): Scenario {
  const [point = 0.45] = size.points
  return {
    name: `${victim}-killed`,
    fault: `kill -9 of the embedded ${victim === 'keeper' ? "server's keeper" : 'server'} at ${point * 100} % of ${size.answers} answers`,
    mustHold: 'the same, without another command; one server per folder, none left behind',
    async run(lab, undisturbed) {
      const pipeline = twoTaskPipeline(size.answers, size.inFlight)
      const fake = await lab.fake({ latencyMs: size.latencyMs })
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const run = 'embedded'
      const going = lab.start(folder, ['run', pipeline.file, '--run-id', run, '--json'])
      await untilAnswered(fake, point * size.answers, going)
      const before = serverFileOf(folder)
      process.kill(before[victim].pid, 'SIGKILL')
      const isBack = () => {
        const file = readServerFile(join(folder, '.retort'))
        return file?.server !== undefined && file[victim]?.pid !== before[victim].pid
      }
      await waitUntil(isBack, `another ${victim}`)
      const servers = serversOf(folder)
      const result = resultOf(await going.ended)
      return [
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run }, result)),
        await paidTwice(fake, size),
        exactly('servers after it', servers, 1),
        await nothingLeft(folder),
      ]
    },
  }
}

/** Two commands at once in a folder where nothing runs yet. */
export function firstCommands(size: KillSize): Scenario {
  return {
    name: 'first-commands',
    fault: 'two first commands at once in one folder',
    mustHold: 'both datasets right; one server, none left behind',
    async run(lab, undisturbed) {
      const pipelines = [
        twoTaskPipeline(size.answers, size.inFlight),
        // Another model, or else both would ask the same.
        oneTaskPipeline(size.answers, {
          params: { model: 'other' },
          limits: { maxConcurrency: size.inFlight },
        }),
      ]
      const fake = await lab.fake({ latencyMs: size.latencyMs })
      const folder = lab.project('project', {})
      const commands = pipelines.map((pipeline) => {
        const files = pipeline.files(fake.baseURL)
        const file = `${pipeline.name}.json`
        lab.project('project', {
          [file]: (files['pipeline.json'] ?? '').replace('prompts', pipeline.name),
          [`${pipeline.name}.jsonl`]: files['prompts.jsonl'] ?? '',
        })
        return { pipeline, args: ['run', file, '--run-id', `first-${pipeline.name}`, '--json'] }
      })
      const going = commands.map(({ pipeline, args }) => ({
        pipeline,
        command: lab.start(folder, args),
      }))
      for (const { command } of going) await untilAnswered(fake, 0.5 * size.answers, command)
      const servers = serversOf(folder)
      const claims: Claim[] = []
      for (const { pipeline, command } of going) {
        const result = resultOf(await command.ended)
        const finished = { folder, run: `first-${pipeline.name}` }
        claims.push(
          ...at(pipeline.name, await datasetClaims(lab, undisturbed, pipeline, finished, result)),
        )
      }
      const { duplicates } = await fake.stats()
      return [
        ...claims,
        exactly('paid twice', duplicates, 0),
        exactly('servers', servers, 1),
        await nothingLeft(folder),
      ]
    },
  }
}

/** The folder of the embedded server removed under a run whose store is elsewhere. */
export function folderRemoved(size: KillSize): Scenario {
  const [point = 0.45] = size.points
  return {
    name: 'folder-removed',
    fault: `.retort removed at ${point * 100} % of ${size.answers} answers, with the store beside it; the same command goes on`,
    mustHold: 'the same; no server left behind',
    async run(lab, undisturbed) {
      const pipeline = twoTaskPipeline(size.answers, size.inFlight)
      const fake = await lab.fake({ latencyMs: size.latencyMs })
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const env = { RETORT_STORE: 'file:store' }
      const run = 'removed'
      const args = ['run', pipeline.file, '--run-id', run, '--json']
      const going = lab.start(folder, args, env)
      await untilAnswered(fake, point * size.answers, going)
      rmSync(join(folder, '.retort'), { recursive: true, force: true, maxRetries: 10 })
      await waitUntil(() => serversOf(folder) === 0, 'the end of the server')
      const first = await going.ended
      const sentences = first.stderr.split('\n').filter((line) => line.startsWith('error: '))
      const result = resultOf(await lab.run(folder, args, env))
      return [
        that(
          first.code === 1 && sentences.length === 1,
          'the command ends with one sentence',
          `the command ended with ${first.code} and said: ${sentences.join(' ')}`,
        ),
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
        await paidTwice(fake, size),
        await nothingLeft(folder),
      ]
    },
  }
}

function serverFileOf(folder: string): Required<ServerFile> {
  const file = readServerFile(join(folder, '.retort'))
  if (file?.server === undefined) throw new Error(`${folder} has no server.`)
  return { ...file, server: file.server }
}

function serversOf(folder: string): number {
  return processesNaming(folder).filter(({ command }) => command.includes('start-dev')).length
}

/** The folder's keeper and server go by themselves once no command needs them. */
async function nothingLeft(folder: string): Promise<Claim> {
  const count = () => processesNaming(folder).length
  await waitUntil(() => count() === 0, 'the end of all processes').catch(() => {})
  return that(count() === 0, 'none left behind', `${count()} processes left behind`)
}
