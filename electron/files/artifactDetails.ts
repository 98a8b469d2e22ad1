import type { ProviderDetails } from '../providers/provider.ts'
import { factGroup } from './formats/factGroup.ts'
import type { Inspection } from './formats/modelFile.ts'
import type { CatalogArtifact } from './scanFolder.ts'

const fileSystem = (artifact: CatalogArtifact) =>
  factGroup('Files', [
    ['Path', artifact.path, 'file system'],
    ['Size', `${artifact.sizeBytes.toLocaleString('en-US')} bytes`, 'file system'],
    ['Files', artifact.files.length > 1 ? artifact.files.length : null, 'file system'],
    ['Changed', new Date(artifact.modifiedAt).toISOString(), 'file system'],
  ])

const filesOf = (artifact: CatalogArtifact) => artifact.files.map(({ path, sizeBytes }) => ({ path, sizeBytes }))

/** Everything a details page shows of a model file, each fact with where it was read. */
export const artifactDetails = (
  artifact: CatalogArtifact,
  { summary, facts, metadata }: Pick<Inspection, 'summary' | 'facts' | 'metadata'>,
): ProviderDetails => ({
  groups: [...facts, fileSystem(artifact)],
  files: filesOf(artifact),
  tensorTypes: [...summary.tensorTypes],
  chatTemplate: summary.chatTemplate,
  metadata: [...metadata],
  warnings: [
    ...(summary.reason === null ? [] : [summary.reason]),
    ...summary.checks.flatMap(({ outcome, message }) => (outcome === 'passed' ? [] : [message])),
  ],
})

/** Of a file that could not be read: where it is and what is wrong with it. */
export const brokenDetails = (artifact: CatalogArtifact): ProviderDetails => ({
  groups: [fileSystem(artifact)],
  files: filesOf(artifact),
  tensorTypes: [],
  chatTemplate: null,
  metadata: [],
  warnings: artifact.error ? [artifact.error.message] : [],
})
