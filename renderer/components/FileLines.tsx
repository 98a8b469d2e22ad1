import { formatDisk } from '../lib/format.ts'
import { Copyable } from './CopyButton.tsx'
import classes from './sheet.module.css'

type FileLinesProps = { readonly files: readonly { readonly path: string; readonly sizeBytes: number }[] }

/** The files that something is made of. */
export function FileLines({ files }: FileLinesProps) {
  return (
    <div className={classes.files}>
      {files.map(({ path, sizeBytes }) => (
        <div key={path} className={classes.file}>
          <Copyable text={path} what="path">
            <span className={classes.path}>{path}</span>
          </Copyable>
          <span className={classes.number}>{formatDisk(sizeBytes)}</span>
        </div>
      ))}
    </div>
  )
}
