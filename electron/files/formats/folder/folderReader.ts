import type { Check } from '../../../../shared/contract/checks.ts'
import type { FileSource } from '../byteSource.ts'
import { type Fields, fieldsOf } from '../config/fields.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { FolderEntry, FolderSource } from '../folderSource.ts'
import type { ModelFileFormat, ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { type Json, readJson } from '../json/readJson.ts'

/** One look at one folder: what is in it, and what was found so far. */
export interface FolderReader {
  readonly folder: FolderSource
  readonly formats: readonly ModelFileFormat[]
  readonly options: ReadOptions
  /** by name, sorted */
  readonly entries: ReadonlyMap<string, FolderEntry>
  readonly names: readonly string[]
  readonly structure: Findings
  readonly meaning: Findings
  readonly safety: Findings
  has(name: string): boolean
  /** Throws a FormatError for a file that is not there. Closes it afterwards. */
  use<Result>(name: string, look: (file: FileSource) => Promise<Result>): Promise<Result>
  /** Null: not there, or (then with a check) not to be read. Read once. */
  json(name: string): Promise<Json | null>
  fields(name: string): Promise<Fields | null>
  /** Null: not there or not to be read. At most `most` bytes from its beginning. */
  text(name: string, most: number): Promise<string | null>
}

export const createFolderReader = async (
  folder: FolderSource,
  formats: readonly ModelFileFormat[],
  options: ReadOptions,
): Promise<FolderReader> => {
  const list = await folder.list()
  const entries = new Map(list.map((entry) => [entry.name, entry]))
  const structure = createFindings('structure')
  const read = new Map<string, Promise<Json | null>>()

  const use: FolderReader['use'] = async (name, look) => {
    options.signal?.throwIfAborted()
    const file = await folder.open(name)
    try {
      return await look(file)
    } finally {
      await file.close()
    }
  }
  const readOnce = async (name: string): Promise<Json | null> => {
    if (!entries.has(name)) return null
    try {
      const { value, duplicates } = await use(name, (file) => readJson(file))
      for (const key of duplicates)
        structure.add(
          'warning',
          'duplicate-key',
          `${name} has the key "${key}" twice; programs differ in which they take.`,
          {
            file: name,
            text: key,
          },
        )
      return value
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      structure.add('broken', 'bad-json', `${name} cannot be read. ${error.message}`, {
        file: name,
        offset: error.offset,
      })
      return null
    }
  }
  const json = (name: string): Promise<Json | null> => {
    const known = read.get(name) ?? readOnce(name)
    read.set(name, known)
    return known
  }
  return {
    folder,
    formats,
    options,
    entries,
    names: [...entries.keys()],
    structure,
    meaning: createFindings('meaning'),
    safety: createFindings('safety'),
    has: (name) => entries.has(name),
    use,
    json,
    fields: async (name) => fieldsOf(await json(name)),
    text: async (name, most) => {
      if (!entries.has(name)) return null
      try {
        const bytes = await use(name, (file) => file.read(0, Math.min(most, file.sizeBytes)))
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
      } catch (error) {
        if (error instanceof FormatError) return null
        throw error
      }
    },
  }
}

/** Checks of one file, among those of a folder. */
export const inFile = (checks: readonly Check[], file: string): Check[] =>
  checks.map((check) => ({
    ...check,
    evidence: { offset: null, tensor: null, text: null, ...check.evidence, file: check.evidence?.file ?? file },
  }))

/** A part of a folder, as a folder: what a file says of others is relative to where it lies. */
export const subFolder = (folder: FolderSource, path: string): FolderSource =>
  path === ''
    ? folder
    : {
        name: path,
        list: async () =>
          (await folder.list()).flatMap((entry) =>
            entry.name.startsWith(`${path}/`) ? [{ ...entry, name: entry.name.slice(path.length + 1) }] : [],
          ),
        open: (name) => folder.open(`${path}/${name}`),
      }

/** `unet/model.safetensors` lies in `unet`; what lies at the top in the empty path. */
export const splitName = (name: string): readonly [path: string, base: string] => {
  const at = name.lastIndexOf('/')
  return at < 0 ? ['', name] : [name.slice(0, at), name.slice(at + 1)]
}
