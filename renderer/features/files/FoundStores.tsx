import { Tooltip } from '@mantine/core'
import { FolderPlus } from 'lucide-react'
import { addFolder, attempt } from '../../lib/actions.ts'
import { useFoundStores } from '../../lib/foundStores.ts'
import classes from './files.module.css'

/** Stores of other programs: one click makes them part of the library, which only reads them. */
export function FoundStores() {
  const stores = useFoundStores()
  if (stores.length === 0) return null
  return (
    <>
      <h2 className={classes.placesTitle}>Found on this machine</h2>
      {stores.map(({ name, path }) => (
        <Tooltip key={path} label={path} position="right">
          <button
            type="button"
            className={classes.place}
            onClick={() => void attempt(`Add ${path}`, () => addFolder(path))}
          >
            <FolderPlus size={14} aria-hidden />
            <span className={classes.placeWords}>
              <span className={`${classes.clipped} ${classes.placeName}`}>{name}</span>
              <span className={classes.placeFigures}>Add to the library</span>
            </span>
          </button>
        </Tooltip>
      ))}
    </>
  )
}
