import { describe, expect, it } from 'vitest'
import { checkConfig } from './checkConfig.ts'

const found = (config: unknown, safeModeHelps = true) =>
  checkConfig(typeof config === 'string' ? config : JSON.stringify(config), 'config.json', safeModeHelps).checks.map(
    ({ outcome, code }) => `${outcome}: ${code}`,
  )
const layer = (fields: object) => ({ class_name: 'Sequential', module: 'keras', config: { layers: [fields] } })

describe('the configuration of a Keras model', () => {
  it.each<[string, object, readonly string[]]>([
    [
      'a layer of Keras',
      layer({ class_name: 'Dense', module: 'keras.layers', config: { units: 3 } }),
      ['passed: keras-config'],
    ],
    [
      'a layer of TensorFlow’s Keras',
      layer({ class_name: 'Dense', module: 'tensorflow.keras.layers', config: {} }),
      ['passed: keras-config'],
    ],
    [
      'Lambda',
      layer({ class_name: 'Lambda', config: { function: ['4wEA', null, null] } }),
      ['dangerous: keras-lambda'],
    ],
    [
      'a Lambda in itself',
      layer({ class_name: 'Dense', config: { activation: { class_name: '__lambda__', config: {} } } }),
      ['dangerous: keras-lambda'],
    ],
    [
      'a foreign module',
      layer({ class_name: 'system', module: 'os', config: 'id' }),
      ['dangerous: keras-dangerous-name', 'dangerous: keras-foreign-module'],
    ],
    [
      'a foreign module by another name',
      layer({ class_name: 'Popen', module: 'subprocess', config: {} }),
      ['dangerous: keras-foreign-module'],
    ],
    [
      'a module that begins like Keras',
      layer({ class_name: 'X', module: 'keras_evil', config: {} }),
      ['dangerous: keras-foreign-module'],
    ],
    [
      'a function of Python',
      layer({ class_name: 'function', module: 'builtins', config: 'eval' }),
      ['dangerous: keras-dangerous-name'],
    ],
    [
      'a function of the author',
      layer({ class_name: 'function', module: 'builtins', config: 'my_activation' }),
      ['warning: keras-custom-object'],
    ],
    [
      'a class of the author',
      layer({ class_name: 'Mine', module: null, registered_name: 'Custom>Mine', config: {} }),
      ['warning: keras-custom-object'],
    ],
    [
      'get_file',
      layer({ class_name: 'get_file', module: 'keras.utils', config: { origin: 'https://x/y', extract: true } }),
      ['dangerous: keras-dangerous-name', 'dangerous: keras-internal-module', 'dangerous: keras-fetches-file'],
    ],
    [
      'turning the protection off',
      layer({ class_name: 'function', module: 'keras.config', config: 'enable_unsafe_deserialization' }),
      ['dangerous: keras-dangerous-name', 'dangerous: keras-internal-module'],
    ],
    [
      'internals of Keras',
      layer({ class_name: 'X', module: 'keras.src.saving.saving_lib', config: {} }),
      ['dangerous: keras-internal-module'],
    ],
    [
      'a vocabulary in a file',
      layer({ class_name: 'StringLookup', module: 'keras.layers', config: { vocabulary: '/etc/passwd' } }),
      ['dangerous: keras-reads-file'],
    ],
    [
      'a vocabulary in the model',
      layer({ class_name: 'StringLookup', module: 'keras.layers', config: { vocabulary: ['a', 'b'] } }),
      ['passed: keras-config'],
    ],
    [
      'a function by name',
      layer({ class_name: 'TFOpLambda', config: { function: 'math.add' } }),
      ['warning: keras-function-layer'],
    ],
    [
      'a bad function by name',
      layer({ class_name: 'TFOpLambda', config: { function: 'io.write_file' } }),
      ['dangerous: keras-function-layer'],
    ],
    ['objects of its own', { ...layer({}), custom_objects: { a: 1 } }, ['warning: keras-custom-object']],
  ])('%s', (_, config, codes) => expect(found(config)).toEqual(codes))

  it('says that HDF5 files have no protection', () => {
    const [check] = checkConfig(
      JSON.stringify(layer({ class_name: 'Lambda', config: {} })),
      'model_config',
      false,
    ).checks
    expect(check?.message).toContain('no protection')
  })

  it('what is no JSON, too large or too deep is not called well', () => {
    expect(found('{"class_name": ')).toEqual(['broken: config-not-json'])
    expect(found(`"${'a'.repeat(5 << 20)}"`)).toEqual(['unknown: config-too-large'])
    expect(found(`${'['.repeat(1000)}${']'.repeat(1000)}`)).toContain('unknown: config-not-read-whole')
    expect(found('{"__proto__": {"class_name": "Lambda"}, "constructor": 1}')).toEqual(['dangerous: keras-lambda'])
    expect(found('7')).toEqual(['passed: keras-config'])
  })
})
