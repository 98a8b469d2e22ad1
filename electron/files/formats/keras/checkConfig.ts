import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings, type Findings } from '../findings.ts'
import { shownText } from '../text.ts'

/** What a model's configuration describes, as far as it is shown. */
export interface KerasConfig {
  /** Sequential, Functional … */
  readonly modelClass: string | null
  readonly name: string | null
  /** class of each layer and how often it stands there */
  readonly layers: ReadonlyMap<string, number>
  readonly checks: readonly Check[]
}

type Json = Readonly<Record<string, unknown>>

const limits = { textBytes: 4 << 20, objects: 500_000, depth: 200 }

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const textAt = (object: Json, key: string): string | null => {
  const value = Object.hasOwn(object, key) ? object[key] : null
  return typeof value === 'string' ? value : null
}
/**
 * Walks a Keras configuration as text: it names the Python classes and functions that a loader looks up and calls.
 * @param file where it stands, for evidence. @param safeModeHelps false for HDF5 files, where Keras ignores its safe mode
 */
export const checkConfig = (text: string, file: string, safeModeHelps: boolean): KerasConfig => {
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  const layers = new Map<string, number>()
  const root = parse(text, structure)
  const walk: Walk = { safety, file, safeModeHelps, layers, dangerous: 0 }
  if (root !== undefined) visitAll(root, walk, structure)
  if (root !== undefined && safety.list.length === 0)
    safety.passed(
      'keras-config',
      'The configuration names only what comes with Keras: no Lambda layer, no foreign module.',
    )
  const top = isObject(root) ? root : {}
  const config = isObject(top.config) ? top.config : {}
  return {
    modelClass: textAt(top, 'class_name')?.slice(0, 100) ?? null,
    name: textAt(config, 'name')?.slice(0, 200) ?? null,
    layers,
    checks: [...structure.list, ...safety.list],
  }
}

interface Walk {
  readonly safety: Findings
  readonly file: string
  readonly safeModeHelps: boolean
  readonly layers: Map<string, number>
  dangerous: number
}

const parse = (text: string, structure: Findings): unknown => {
  if (text.length > limits.textBytes) {
    structure.add(
      'unknown',
      'config-too-large',
      'The configuration is larger than Berth looks into: whether it runs code is not known.',
    )
    return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    structure.add('broken', 'config-not-json', 'The configuration is no JSON: Keras cannot build the model.')
    return undefined
  }
}

const visitAll = (root: unknown, walk: Walk, structure: Findings): void => {
  const waiting: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }]
  let count = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next
    count += 1
    if (count > limits.objects || depth > limits.depth) {
      structure.add(
        'unknown',
        'config-not-read-whole',
        'The configuration is deeper or larger than Berth looks into: whether it runs code is not known.',
      )
      return
    }
    if (isObject(value)) checkObject(value, walk)
    if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value))
        if (typeof inner === 'object' && inner !== null) waiting.push({ value: inner, depth: depth + 1 })
  }
}

const checkObject = (object: Json, walk: Walk): void => {
  const className = textAt(object, 'class_name')
  const module = textAt(object, 'module')
  if (className !== null) {
    if (isObject(object.config) && walk.layers.size < 500)
      walk.layers.set(shownText(className), (walk.layers.get(shownText(className)) ?? 0) + 1)
    checkClass(object, className, module, walk)
  }
  if (module !== null) checkModule(module, className, walk)
  checkReferences(object, walk)
}

const report = (walk: Walk, outcome: 'warning' | 'dangerous', code: string, message: string, text: string): void =>
  walk.safety.add(outcome, code, message, { file: walk.file, text: shownText(text) })

/** Functions of Keras and TensorFlow that read, write, fetch or unpack, or that turn protection off. */
const dangerousNames: ReadonlySet<string> = new Set(
  (
    'get_file extract_archive enable_unsafe_deserialization load_model load_weights save_model save_weights load_img ' +
    'save_img eval exec compile open __import__ getattr setattr system popen spawn call run check_output import_module ' +
    'py_function numpy_function py_func read_file write_file loads load deserialize_keras_object func_load'
  ).split(' '),
)

const checkClass = (object: Json, className: string, module: string | null, walk: Walk): void => {
  const config = object.config
  if (className === 'Lambda' || className === '__lambda__') {
    const advice = walk.safeModeHelps ? '' : ' Keras has no protection against that in HDF5 files.'
    report(
      walk,
      'dangerous',
      'keras-lambda',
      `A Lambda layer: the model carries Python code that runs when it is loaded.${advice}`,
      className,
    )
  }
  if (className === 'TFOpLambda' || className === 'SlicingOpLambda') {
    const called = isObject(config) ? (textAt(config, 'function') ?? textAt(config, 'name') ?? '') : ''
    const isBad = called.split('.').some((part) => dangerousNames.has(part)) || called.includes('io.')
    report(
      walk,
      isBad ? 'dangerous' : 'warning',
      'keras-function-layer',
      `A layer calls the TensorFlow function "${shownText(called)}" by its name.`,
      called,
    )
  }
  const name = className === 'function' && typeof config === 'string' ? config : className
  if (dangerousNames.has(name))
    report(
      walk,
      'dangerous',
      'keras-dangerous-name',
      `The configuration calls "${shownText(name)}" of ${shownText(module ?? 'Keras')} when the model is loaded.`,
      name,
    )
  else if (className === 'function' && module === 'builtins')
    report(
      walk,
      'warning',
      'keras-custom-object',
      `The model needs the function "${shownText(name)}" from its author.`,
      name,
    )
  const registered = textAt(object, 'registered_name')
  if (registered?.includes('>') && !registered.startsWith('keras>'))
    report(
      walk,
      'warning',
      'keras-custom-object',
      `The model needs the class "${shownText(registered)}" from its author.`,
      registered,
    )
}

const ownModules = ['keras', 'tensorflow.keras', 'tf.keras', 'tensorflow.python.keras', 'tf_keras']
const sisterModules = ['keras_nlp', 'keras_cv', 'keras_hub']
const isWithin = (module: string, roots: readonly string[]) =>
  roots.some((root) => module === root || module.startsWith(`${root}.`))

const checkModule = (module: string, className: string | null, walk: Walk): void => {
  if (module === '' || module === 'builtins') return
  const what = `${shownText(module)}.${shownText(className ?? '?')}`
  if (isWithin(module, sisterModules))
    report(walk, 'warning', 'keras-needs-package', `The model needs ${what}, which is another package.`, module)
  else if (!isWithin(module, ownModules))
    report(
      walk,
      'dangerous',
      'keras-foreign-module',
      `The configuration makes Keras import "${what}": Keras before 3.9 runs whatever that is.`,
      what,
    )
  else if (/^keras\.src\.(utils|saving|backend)\b|^keras\.(utils|saving|config)$/.test(module))
    report(
      walk,
      'dangerous',
      'keras-internal-module',
      `The configuration reaches into the tools of Keras itself: "${what}". Honest models use layers.`,
      what,
    )
}

const lookups: ReadonlySet<string> = new Set(['StringLookup', 'IntegerLookup', 'TextVectorization', 'IndexLookup'])

const checkReferences = (object: Json, walk: Walk): void => {
  const config = object.config
  const className = textAt(object, 'class_name') ?? ''
  const vocabulary = isObject(config) ? textAt(config, 'vocabulary') : null
  if (lookups.has(className) && vocabulary !== null)
    report(
      walk,
      'dangerous',
      'keras-reads-file',
      `The layer ${className} reads "${shownText(vocabulary)}" when the model is loaded.`,
      vocabulary,
    )
  const origin = textAt(object, 'origin')
  if (origin !== null && (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(origin) || Object.hasOwn(object, 'extract')))
    report(
      walk,
      'dangerous',
      'keras-fetches-file',
      `The configuration fetches "${shownText(origin)}" when the model is loaded.`,
      origin,
    )
  if (Object.hasOwn(object, 'custom_objects') && object.custom_objects !== null)
    report(walk, 'warning', 'keras-custom-object', 'The configuration brings objects of its own.', 'custom_objects')
}
