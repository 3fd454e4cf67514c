import { test } from 'vitest'

import type { ImageModel } from '../../../src/core/image-model.ts'
import { imagesContract } from '../../../src/testing/images-contract.ts'

/** What every model must do that makes images, whoever made it. */
export function testImages(create: () => Promise<ImageModel>): void {
  for (const { name, run } of imagesContract(create)) test(name, run)
}
