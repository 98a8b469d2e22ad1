import type { Findings } from '../findings.ts'
import type { TensorRow } from '../modelFile.ts'
import { quotedName } from '../text.ts'
import { count as countOf } from '../words.ts'

const shownTensors = 3

/** The data must end exactly where the file does. */
export const checkCoverage = (
  tensors: readonly TensorRow[],
  end: number,
  sizeBytes: number,
  findings: Findings,
): void => {
  if (sizeBytes < end) {
    // they lie one behind the other: from the first that leaves the file, all are incomplete
    const missing = tensors.filter((tensor) => (tensor.offset ?? 0) + tensor.bytes > sizeBytes)
    const names = missing.slice(0, shownTensors).map((tensor) => quotedName(tensor.name))
    findings.add(
      'broken',
      'data-truncated',
      `${end - sizeBytes} bytes are missing at the end: ${missing.length} of ${tensors.length} tensors are incomplete (${names.join(', ')}${missing.length > shownTensors ? ' …' : ''}).`,
      {
        offset: sizeBytes,
        tensor: missing[0]?.name.slice(0, 200) ?? null,
        advice: 'The download was interrupted. Load the file again.',
      },
    )
  } else if (sizeBytes > end)
    findings.add(
      'broken',
      'trailing-data',
      `${sizeBytes - end} bytes follow the last tensor. The official library refuses the file: something is attached to it, or its header is of another file.`,
      { offset: end, advice: 'Load the file again from where it was published.' },
    )
  else {
    const count = countOf(tensors.length, 'tensor')
    findings.passed('data-covered', `${count}, each inside the file, without gap or overlap to its last byte.`)
  }
}
