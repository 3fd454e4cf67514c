import { Option } from 'commander'
import type { Command } from 'commander'

import type { ToAction } from './add-control-commands.ts'
import { examples, paramsOption, pipelineFile, settings, storeOption } from './command-options.ts'
import { positiveNumber } from './parse-options.ts'

/** Adds the commands that look at what a pipeline does before it is run, and at what it may ask. */
export function addLookCommands(program: Command, act: ToAction): void {
  program
    .command('info')
    .description('Tells what a pipeline would do: steps, columns, parameters, calls and cost.')
    .argument('<file>', pipelineFile)
    .addOption(settings())
    .addOption(paramsOption())
    .option('--max-rows <n>', 'most source rows that a run would take', positiveNumber)
    .option('--json', 'prints one JSON object on stdout')
    .addHelpText(
      'after',
      `${examples('retort info pipeline.ts', 'retort info pipeline.ts --max-rows 100 --json')}
Nothing is started and no model is asked. Sources on this machine are read, for two seconds at most.`,
    )
    .action(act(async () => (await import('./info-command.ts')).infoCommand))

  program
    .command('preview')
    .description('Runs a pipeline on its first rows and shows what each step makes of them.')
    .argument('<file>', pipelineFile)
    .option('--rows <n>', 'source rows', positiveNumber, 5)
    .addOption(settings())
    .addOption(paramsOption())
    .addOption(storeOption())
    .option('--json', 'prints one JSON object a line on stdout, for each row of each step')
    .addHelpText(
      'after',
      `${examples('retort preview pipeline.ts', 'retort preview pipeline.ts --rows 2 --set generate.llm.params.model=gpt-4o')}
Models are asked, and their answers kept: the whole run does not pay them again. A preview leaves
no dataset.`,
    )
    .action(act(async () => (await import('./preview-command.ts')).previewCommand))

  program
    .command('draw')
    .description("Draws a pipeline's graph, as Mermaid text or as an SVG picture.")
    .argument('<file>', pipelineFile)
    .addOption(
      new Option(
        '--format <format>',
        'what to draw (default: svg where --output ends in .svg, else mermaid)',
      ).choices(['mermaid', 'svg']),
    )
    .option('--output <file>', 'where to (default: stdout)')
    .addOption(settings())
    .addOption(paramsOption())
    .addHelpText(
      'after',
      examples('retort draw pipeline.ts', 'retort draw pipeline.yaml --output pipeline.svg'),
    )
    .action(act(async () => (await import('./draw-command.ts')).drawCommand))

  program
    .command('models')
    .description('Lists the types of models with what each can do, or the parameters of one.')
    .argument('[type]', 'a type or its factory, whose parameters are listed')
    .option('--json', 'prints one JSON value on stdout')
    .addHelpText('after', examples('retort models', 'retort models OpenAILLM'))
    .action(act(async () => (await import('./models-command.ts')).modelsCommand))
}
