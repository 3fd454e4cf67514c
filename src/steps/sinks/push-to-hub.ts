import { z } from 'zod'

import { defineGlobalStep } from '../../core/define-step.ts'
import { RetortError } from '../../core/errors.ts'

const name = z.string().min(1)

/**
 * Makes all rows a split of a dataset on the Hugging Face Hub, in one commit, and lets them pass.
 *
 * The dataset is made where it is not there. The token is read from `HF_TOKEN`, and needs the right to write. It is a
 * barrier: what comes behind it begins when the rows are published. Rows that were published once are not sent again by
 * a later run; `--fresh` sends them. A preview publishes nothing.
 */
export const pushToHub = defineGlobalStep({
  type: 'PushToHub',
  version: '1',
  params: z.object({
    repoId: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, { error: 'is no name of a dataset, which is owner/name' }),
    split: name.default('train'),
    config: name.optional(),
    /** Whether a dataset that is made is private; one that is there keeps what it is. */
    private: z.boolean().default(false),
  }),
  inputs: z.object({}),
  outputs: z.object({}),
  checkEnvironment(environment, stepName) {
    if ((environment['HF_TOKEN'] ?? environment['HUGGING_FACE_HUB_TOKEN'] ?? '') !== '') return
    throw new RetortError(
      'key-missing',
      `Step '${stepName}' (PushToHub) needs a token that may write; set HF_TOKEN in the environment, or in a .env file beside the pipeline.`,
    )
  },
  async deliver({ rows, columns, hub }, { params, signal }) {
    const { repoId, split, config, private: isPrivate } = params
    await hub.push({
      repoId,
      split,
      ...(config === undefined ? {} : { config }),
      private: isPrivate,
      rows,
      columns,
      signal,
    })
  },
})
