import type { MemoryFigures } from '../../../shared/contract/benchmarks.ts'
import { Figure } from '../../components/Figure.tsx'
import { formatMemory } from '../../lib/format.ts'
import classes from './benchmarks.module.css'

/** Per device what was in use by everything on it, and what the model's own process held. */
export function MemoryTable({ memory }: { readonly memory: readonly MemoryFigures[] }) {
  return (
    <div className={classes.scrollX}>
      <table className={classes.figures}>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Before</th>
            <th scope="col">Peak</th>
            <th scope="col">After</th>
            <th scope="col" title="The most that the model’s own process held.">
              Of it the model
            </th>
          </tr>
        </thead>
        <tbody>
          {memory.map(({ device, name, beforeBytes, peakBytes, afterBytes, processPeakBytes }) => (
            <tr key={device}>
              <th scope="row">{name}</th>
              <Bytes value={beforeBytes} />
              <Bytes value={peakBytes} />
              <Bytes value={afterBytes} />
              <Bytes value={processPeakBytes} why="It cannot be told apart from the rest." />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Bytes({ value, why = 'The device does not tell.' }: { readonly value: number | null; readonly why?: string }) {
  return (
    <td>
      <Figure text={formatMemory(value)} why={why} />
    </td>
  )
}
