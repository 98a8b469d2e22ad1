import { randomUUID } from 'node:crypto'
import type { ContentHashes } from '../files/contentHashes.ts'
import type { ValidationService } from '../files/validation/validationService.ts'
import { os } from './base.ts'

const never = new AbortController().signal

export const filesRouter = (validation: ValidationService, hashes: ContentHashes) =>
  os.files.router({
    list: os.files.list.handler(({ input }) => validation.list(input)),
    validate: os.files.validate.handler(({ input, context, signal = never }) => {
      const requestId = context.requestId ?? randomUUID()
      return input.stream
        ? validation.watch(input.path, requestId, signal)
        : validation.validate(input.path, requestId, signal)
    }),
    batch: os.files.batch.handler(({ input }) => validation.batch(input.path)),
    report: os.files.report.handler(({ input: { path, content } }) =>
      path === undefined ? validation.reportOf(content ?? '') : validation.report(path),
    ),
    export: os.files.export.handler(({ input }) => validation.export(input.path, input.as)),
    tensors: os.files.tensors.handler(({ input: { path, ...query } }) => validation.tensors(path, query)),
    compare: os.files.compare.handler(({ input }) => validation.compare(input.left, input.right)),
    label: os.files.label.handler(async ({ input }) => ({ files: await validation.label(input.paths, input.change) })),
    hash: os.files.hash.handler(({ input }) => hashes.verify(input.paths)),
    writeMetadata: os.files.writeMetadata.handler(({ input }) => validation.writeMetadata(input)),
    forget: os.files.forget.handler(async ({ input }) => ({ forgotten: await validation.forget(input.paths) })),
  })
