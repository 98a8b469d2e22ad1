import { addCustomCode, type CustomCode, customCodeOf } from '../config/customCode.ts'
import type { FolderReader } from './folderReader.ts'

/** Beside `config.json`, these may name classes of their own. */
const configs = [
  'tokenizer_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'image_processor_config.json',
  'video_preprocessor_config.json',
  'feature_extractor_config.json',
  'generation_config.json',
]
const programs = /\.(so(\.\d+)*|dll|dylib|exe|bat|cmd|ps1|sh|com|scr|vbs|jar|msi|app|node|wasm)$/i
const named = 10

/**
 * Code in the folder: what would run, when, and what lies there without being named by any configuration.
 * @param known what `config.json` names, already told
 */
export const checkCode = async (
  reader: FolderReader,
  known: readonly CustomCode[],
  modelFile: string | null,
): Promise<void> => {
  const codes: CustomCode[] = []
  for (const name of configs) {
    const fields = await reader.fields(name)
    if (fields !== null) codes.push(...customCodeOf(fields, name))
  }
  const told = new Set(known.map(({ file }) => file))
  addCustomCode(
    codes.filter(({ file }) => file === null || !told.has(file)),
    reader.safety,
  )
  const referenced = new Set([...known, ...codes].map(({ file }) => file))
  for (const { file } of [...known, ...codes])
    if (file !== null && !reader.has(file))
      reader.meaning.add(
        'warning',
        'code-missing',
        `The Python file ${file}, which the model wants, is not in the folder.`,
        {
          file,
        },
      )
  const scripts = reader.names.filter((name) => /\.py[cdo]?$/i.test(name))
  if (reader.has('custom_generate/generate.py'))
    reader.safety.add(
      'warning',
      'custom-code',
      'The model brings a way of writing of its own: custom_generate/generate.py.',
      {
        file: 'custom_generate/generate.py',
        advice: 'Read that file first. It runs only where "trust remote code" is switched on.',
      },
    )
  const unnamed = scripts.filter(
    (name) => !referenced.has(name) && name !== modelFile && !name.startsWith('custom_generate/'),
  )
  if (unnamed.length > 0)
    reader.safety.add(
      'note',
      'python-files',
      `Python files lie in the folder that no configuration names: ${list(unnamed)}. Nothing runs them by itself.`,
      { file: unnamed[0] ?? null },
    )
  const native = reader.names.filter((name) => programs.test(name))
  if (native.length > 0)
    reader.safety.add('warning', 'programs', `Programs lie in the folder: ${list(native)}. A model needs none.`, {
      file: native[0] ?? null,
    })
  if (scripts.length === 0 && native.length === 0 && codes.length === 0 && known.length === 0 && modelFile === null)
    reader.safety.passed('folder-without-code', 'No code lies in the folder, and no configuration asks for any.')
}

const list = (names: readonly string[]): string =>
  names.slice(0, named).join(', ') + (names.length > named ? ` and ${names.length - named} more` : '')
