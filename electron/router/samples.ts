import type { SampleService } from '../files/sampleService.ts'
import { os } from './base.ts'

export const samplesRouter = (samples: SampleService) =>
  os.samples.router({ create: os.samples.create.handler(() => samples.create()) })
