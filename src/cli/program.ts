import { Argument, Command, Option } from 'commander'

import { retortVersion } from '../retort-version.ts'
import { addControlCommands } from './add-control-commands.ts'
import type { ToAction } from './add-control-commands.ts'
import { addLookCommands } from './add-look-commands.ts'
import {
  examples,
  maxRejectedOption,
  onStopOption,
  paramsOption,
  pipelineFile,
  runId,
  settings,
  storeOption,
} from './command-options.ts'
import { countingNumber, portNumber, positiveNumber, usdNumber } from './parse-options.ts'

/** Every command with its options; what one does is loaded once it is chosen. */
export function createProgram(setExitCode: (code: number) => void): Command {
  const act: ToAction =
    (load) =>
    async (...args) =>
      setExitCode(await (await load())(...args))
  const program = new Command('retort')
    .description('Makes datasets with language models, as runs that survive crashes.')
    .version(retortVersion)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      examples(
        'retort run pipeline.ts',
        'retort rows --limit 3',
        'retort export --format parquet --output answers.parquet',
      ),
    )

  program
    .command('run')
    .description('Runs a pipeline to a dataset, with a worker in this process.')
    .argument('<file>', pipelineFile)
    .addOption(settings())
    .addOption(paramsOption())
    .option('--run-id <id>', 'the same id again resumes the run (default: made from name and time)')
    .addOption(storeOption())
    .option('--max-rows <n>', 'most source rows to take, from the start', positiveNumber)
    .option('--output <file>', 'also writes the dataset to this .jsonl, .csv or .parquet file')
    .option('--concurrent', 'runs beside another run of the same pipeline')
    .option('--accept-changes', 'goes on with a run id although pipeline or source changed')
    .option('--fresh', 'asks everything anew, instead of using answers that are stored')
    .addOption(budgetUsdOption())
    .addOption(budgetTokensOption())
    .addOption(maxRejectedOption())
    .addOption(onStopOption('fail'))
    .option('--json', 'prints one JSON object about the run on stdout')
    .option('--quiet', 'says nothing but errors')
    .addHelpText(
      'after',
      `${examples(
        'retort run pipeline.ts',
        'retort run pipeline.yaml --max-rows 20 --output rows.jsonl',
        'retort run pipeline.ts --set generate.llm.limits.maxConcurrency=20',
        'retort run pipeline.ts --params params.yaml --set generate.numGenerations=2',
        'retort run distilabel.yaml --set load.data=@rows.jsonl',
        'retort run pipeline.ts --run-id monday',
      )}
Exit codes: 0 completed, 1 failed or stopped, 2 wrong usage or pipeline, 130 interrupted.
Ctrl-C once finishes the calls in flight and leaves a run that --run-id resumes; twice ends at once.`,
    )
    .action(act(async () => (await import('./run-command.ts')).runCommand))

  program
    .command('start')
    .description('Starts a run on a server, where `retort worker` does its work.')
    .argument('<file>', pipelineFile)
    .addOption(settings())
    .addOption(paramsOption())
    .option('--run-id <id>', 'the same id again resumes the run (default: made from name and time)')
    .addOption(storeOption())
    .option('--max-rows <n>', 'most source rows to take, from the start', positiveNumber)
    .option('--concurrent', 'runs beside another run of the same pipeline')
    .option('--accept-changes', 'goes on with a run id although pipeline or source changed')
    .option('--fresh', 'asks everything anew, instead of using answers that are stored')
    .addOption(budgetUsdOption())
    .addOption(budgetTokensOption())
    .addOption(maxRejectedOption())
    .addOption(onStopOption('pause'))
    .option('--json', 'prints { runId, url } on stdout')
    .addHelpText(
      'after',
      examples('TEMPORAL_ADDRESS=temporal:7233 retort start pipeline.ts --store s3://bucket/data'),
    )
    .action(act(async () => (await import('./start-command.ts')).startCommand))

  addLookCommands(program, act)

  program
    .command('retry-rejected')
    .description(
      'Asks anew for the rows that a run rejected, and makes a new version of its dataset.',
    )
    .argument('<run>', runId)
    .argument('[file]', "the pipeline's file, where it has steps or tasks of its own")
    .addOption(storeOption())
    .option('--output <file>', 'also writes the dataset to this .jsonl, .csv or .parquet file')
    .option('--concurrent', 'runs beside another run of the same pipeline')
    .option('--json', 'prints one JSON object about the run on stdout')
    .option('--quiet', 'says nothing but errors')
    .addHelpText(
      'after',
      `${examples('retort retry-rejected monday', 'retort retry-rejected monday pipeline.ts')}
The version is the run monday.r2, then monday.r3. Rows that are good cost nothing again. Where the code of a step
has changed, its stored answers are read again first, without a call.`,
    )
    .action(act(async () => (await import('./retry-rejected-command.ts')).retryRejectedCommand))

  program
    .command('worker')
    .description('Works on the runs of a store until Ctrl-C or SIGTERM.')
    .argument('[files...]', 'pipelines whose own steps and tasks it knows')
    .addOption(storeOption())
    .addHelpText(
      'after',
      examples('retort worker', 'retort worker pipeline.ts --store s3://bucket/data'),
    )
    .action(act(async () => (await import('./worker-command.ts')).workerCommand))

  program
    .command('dev')
    .description('Runs the embedded Temporal server, its UI and a worker until Ctrl-C.')
    .argument('[files...]', 'pipelines whose own steps and tasks the worker knows')
    .option('--port <port>', 'port of the server (default: a free one)', portNumber)
    .option('--ui-port <port>', 'port of its UI (default: a free one)', portNumber)
    .addOption(storeOption())
    .addHelpText(
      'after',
      examples('retort dev', 'retort dev pipeline.ts --port 7233 --ui-port 8233'),
    )
    .action(act(async () => (await import('./dev-command.ts')).devCommand))

  program
    .command('list')
    .description('Lists the runs that the server knows and the datasets of the store.')
    .option('--limit <n>', 'most runs and datasets', positiveNumber, 20)
    .addOption(storeOption())
    .option('--json', 'prints { runs, datasets } on stdout')
    .addHelpText('after', examples('retort list', 'retort list --limit 100 --json'))
    .action(act(async () => (await import('./list-command.ts')).listCommand))

  program
    .command('show')
    .description('Shows how a run is or was: status, figures, dataset, error.')
    .argument('<run>', runId)
    .addOption(storeOption())
    .option('--json', 'prints one JSON object on stdout')
    .addHelpText('after', examples('retort show monday', 'retort show monday --json'))
    .action(act(async () => (await import('./show-command.ts')).showCommand))

  program
    .command('watch')
    .description('Shows how far a run is until it ends; exits as `retort run` would.')
    .argument('<run>', runId)
    .addOption(storeOption())
    .option('--json', 'prints one JSON object about the run on stdout')
    .addHelpText('after', examples('retort watch monday'))
    .action(act(async () => (await import('./watch-command.ts')).watchCommand))

  addControlCommands(program, act)

  program
    .command('rows')
    .description('Prints rows of a dataset; needs the store alone.')
    .argument('[run]', runOrDataset)
    .option('--limit <n>', 'most rows', countingNumber, 10)
    .option('--offset <n>', 'rows to pass over', countingNumber, 0)
    .option('--leaf <name>', 'rows of this leaf step alone, where there are several')
    .option('--rejected', 'rows that steps could not make, with the reason and the raw answer')
    .option('--json', 'prints one JSON object a line')
    .addOption(storeOption())
    .addHelpText(
      'after',
      examples(
        'retort rows',
        'retort rows monday --offset 100 --limit 5',
        'retort rows --json | head',
      ),
    )
    .action(act(async () => (await import('./rows-command.ts')).rowsCommand))

  program
    .command('export')
    .description('Writes a dataset to a file; needs the store alone.')
    .argument('[run]', runOrDataset)
    .addOption(
      new Option(
        '--format <format>',
        "the file's format (default: by the ending of --output, else jsonl)",
      ).choices(['jsonl', 'csv', 'parquet']),
    )
    .option('--output <file>', "where to (default: the dataset's name with the format as ending)")
    .option('--leaf <name>', 'this leaf step alone; else each makes a file, named after it')
    .addOption(storeOption())
    .addHelpText(
      'after',
      examples('retort export --format parquet', 'retort export monday --output monday.csv'),
    )
    .action(act(async () => (await import('./export-command.ts')).exportCommand))

  program
    .command('clean')
    .description('Says what of a store no run and no dataset needs, and with --yes removes it.')
    .option('--yes', 'removes it')
    .option('--older-than <days>', 'spares what is younger', positiveNumber, 1)
    .addOption(storeOption())
    .option('--json', 'prints { removed, kinds } on stdout')
    .addHelpText(
      'after',
      `${examples('retort clean', 'retort clean --yes --older-than 7')}
Answers of models, datasets and what running runs use are never removed; a step whose stored rows are gone makes them
again from the answers, without a call.`,
    )
    .action(act(async () => (await import('./clean-command.ts')).cleanCommand))

  const task = program.command('task').description('Looks at single tasks.')
  task
    .command('print')
    .description('Prints the prompt of a task, without asking a model.')
    .argument('<what>', 'a built-in task type, or a pipeline file')
    .addArgument(new Argument('[step]', 'step of the pipeline, where several ask a model'))
    .option('--row <json>', 'a row to fill in (default: placeholders)')
    .addOption(settings())
    .addOption(paramsOption())
    .addHelpText(
      'after',
      examples(
        'retort task print TextGeneration',
        `retort task print pipeline.ts generate --row '{"instruction":"Why?"}'`,
      ),
    )
    .action(act(async () => (await import('./task-print-command.ts')).taskPrintCommand))

  program
    .command('doctor')
    .description('Checks Node, Temporal, the store and the keys, and says what to do.')
    .addOption(storeOption())
    .option('--json', 'prints the checks as one JSON list on stdout')
    .addHelpText('after', examples('retort doctor', 'retort doctor --store s3://bucket/data'))
    .action(act(async () => (await import('./doctor-command.ts')).doctorCommand))

  return program
}

const runOrDataset = 'a run id, a dataset or dataset/version (default: the latest dataset)'

function budgetUsdOption(): Option {
  return new Option('--budget-usd <usd>', 'most that the run may spend, in US dollars').argParser(
    usdNumber,
  )
}

function budgetTokensOption(): Option {
  return new Option(
    '--budget-tokens <n>',
    'most tokens that the run may use, input and output together',
  ).argParser(positiveNumber)
}
