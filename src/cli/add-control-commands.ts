import type { Command } from 'commander'

import { examples, runId, storeOption } from './command-options.ts'

/** Does what a command is for and tells its exit code; loaded when it is called for. */
export type Act<Args extends readonly unknown[]> = (...args: Args) => Promise<number>

/** Turns what a command does into what a program calls. */
export type ToAction = <Args extends readonly unknown[]>(
  load: () => Promise<Act<Args>>,
) => (...args: Args) => Promise<void>

/** Adds the commands that act on a run while it goes. */
export function addControlCommands(program: Command, act: ToAction): void {
  program
    .command('pause')
    .description('Lets no further call of a run start; calls in flight finish.')
    .argument('<run>', runId)
    .addOption(storeOption())
    .addHelpText('after', examples('retort pause monday'))
    .action(act(async () => (await import('./pause-command.ts')).pauseCommand))

  program
    .command('resume')
    .description('Lets a paused run go on.')
    .argument('<run>', runId)
    .addOption(storeOption())
    .addHelpText('after', examples('retort resume monday'))
    .action(act(async () => (await import('./resume-command.ts')).resumeCommand))

  program
    .command('cancel')
    .description('Ends a run; calls in flight finish, and the same run id goes on with it.')
    .argument('<run>', runId)
    .addOption(storeOption())
    .addHelpText('after', examples('retort cancel monday'))
    .action(act(async () => (await import('./cancel-command.ts')).cancelCommand))

  program
    .command('set')
    .description('Changes limits, budget and the like of a run while it goes.')
    .argument('<run>', runId)
    .argument('<setting=value...>', 'such as maxConcurrency=20')
    .addOption(storeOption())
    .addHelpText(
      'after',
      `${examples(
        'retort set monday maxConcurrency=20',
        'retort set monday generate.llm.limits.requestsPerMinute=600',
        'retort set monday budget.usd=5 maxRejected=0.1',
      )}
Settings: budget.usd, budget.tokens, maxRejected, and of each step with a model STEP.llm.limits.maxConcurrency,
.requestsPerMinute and .tokensPerMinute, which need no step where there is one limit group.
A run that waits for the setting goes on with it.`,
    )
    .action(act(async () => (await import('./set-command.ts')).setCommand))
}
