import { Option } from 'commander'
import type { Command } from 'commander'

import type { ToAction } from './add-control-commands.ts'
import { examples, paramsOption, pipelineFile, settings } from './command-options.ts'
import { positiveNumber } from './parse-options.ts'

/** Adds the commands that look at a pipeline without running it. */
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
}
