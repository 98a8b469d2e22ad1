import { expect, it } from 'vitest'
import { BenchmarkRequest, type BenchmarkSettings } from '../../../../shared/contract/benchmarkSettings.ts'
import { aBenchmark, aModel } from '../../../lib/testMirror.ts'
import { emptyForm, formFrom, requestOf } from './newRunForm.ts'
import { formOf } from './settingsForm.ts'

const { model } = aModel('embedded/phi')
const settings: BenchmarkSettings = {
  kind: 'embedding',
  batchSizes: [1],
  textTokens: 64,
  repetition: { least: 2, most: 4, relativeError: 0.05 },
}

it('asks for a preset, and for a kind only when one was chosen', () => {
  const { request } = requestOf(emptyForm(model))
  expect(BenchmarkRequest.parse(request)).toEqual({ model: 'embedded/phi', preset: 'quick' })
  expect(requestOf({ ...emptyForm(model), kind: 'serving', label: ' night ', budget: '1.5' }).request).toEqual({
    model: 'embedded/phi',
    kind: 'serving',
    preset: 'quick',
    label: 'night',
    budgetSeconds: 90,
  })
})

it('asks for settings of its own in place of the preset', () => {
  const { request } = requestOf({ ...emptyForm(model), kind: 'embedding', own: formOf(settings) })
  expect(BenchmarkRequest.parse(request)).toEqual({ model: 'embedded/phi', settings })
})

it('asks for nothing while a model is missing or a field is wrong', () => {
  expect(requestOf(emptyForm(null))).toEqual({ request: null, faults: {} })
  expect(requestOf({ ...emptyForm(model), budget: 'long' })).toEqual({
    request: null,
    faults: { budget: 'long is no number.' },
  })
})

it('repeats what a run was asked for', () => {
  const like = aBenchmark('1', { kind: 'embedding', preset: null, settings, options: { threads: 4 }, label: 'night' })
  const { request } = requestOf(formFrom({ model, options: like.options, like }))
  expect(request).toEqual({ model: 'embedded/phi', settings, options: { threads: 4 }, label: 'night' })
  const quick = aBenchmark('2', { kind: 'serving', preset: 'thorough' })
  expect(requestOf(formFrom({ model, like: quick })).request).toEqual({
    model: 'embedded/phi',
    kind: 'serving',
    preset: 'thorough',
  })
})
