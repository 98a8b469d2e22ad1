import { expect } from 'vitest'

/** A model's `lacks` with exactly these verbs, each with a sentence. */
export const lacking = (...verbs: readonly string[]): unknown =>
  expect.toSatisfy(
    (lacks: Readonly<Record<string, string>>) =>
      Object.keys(lacks).toSorted().join() === verbs.toSorted().join() &&
      Object.values(lacks).every((sentence) => /^[A-Zl].{10,400}\.$/.test(sentence)),
    `a sentence for each of: ${verbs.join(', ')}`,
  )
