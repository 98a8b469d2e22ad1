import { unknown } from '../lib/format.ts'

/** A figure, or – with the reason on hover. */
export function Figure({ text, why }: { readonly text: string; readonly why: string }) {
  return text === unknown ? <span title={why}>{unknown}</span> : text
}
