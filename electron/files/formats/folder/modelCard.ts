import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { factGroup, type Row } from '../factGroup.ts'
import type { FolderReader } from './folderReader.ts'
import { type FrontMatter, readFrontMatter } from './readme.ts'

/** What a README.md says at its beginning, and which licence file lies beside it. */
export interface ModelCard {
  readonly license: string | null
  readonly author: string | null
  readonly baseModels: readonly string[]
  readonly facts: FactGroup
}

const longestCard = 128 * 1024
const mostBaseModels = 16
const shown = 12

export const readModelCard = async (reader: FolderReader): Promise<ModelCard> => {
  const text = await reader.text('README.md', longestCard)
  const card: FrontMatter = (text === null ? null : readFrontMatter(text)) ?? new Map()
  const one = (key: string) => card.get(key)?.[0] ?? null
  const all = (...keys: readonly string[]) => {
    const values = keys.flatMap((key) => card.get(key) ?? [])
    return values.length === 0 ? null : values.slice(0, shown).join(', ') + (values.length > shown ? ' …' : '')
  }
  const license = one('license') === 'other' ? (one('license_name') ?? 'other') : one('license')
  const licenseFile =
    reader.names.find((name) => /^(LICEN[CS]E|COPYING|NOTICE)([._-][\w.-]{0,40})?$/i.test(name)) ?? null
  const source = (key: string) => `README.md: ${key}`
  const rows: Row[] = [
    ['Licence', license, source(one('license') === 'other' ? 'license_name' : 'license')],
    ['Licence file', licenseFile, 'file names'],
    ['Made from', all('base_model'), source('base_model')],
    ['Relation to it', one('base_model_relation'), source('base_model_relation')],
    ['Languages', all('language', 'languages'), source('language')],
    ['Task', one('pipeline_tag'), source('pipeline_tag')],
    ['Library', one('library_name'), source('library_name')],
    ['Tags', all('tags'), source('tags')],
    ['Trained on', all('datasets'), source('datasets')],
    ['Quantised by', one('quantized_by'), source('quantized_by')],
  ]
  return {
    license,
    author: one('model_creator') ?? one('author'),
    baseModels: (card.get('base_model') ?? []).slice(0, mostBaseModels),
    facts: factGroup('Model card', rows),
  }
}
