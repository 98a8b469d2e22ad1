import { Tooltip } from '@mantine/core'
import { Files, Folder, FolderSearch, type LucideIcon } from 'lucide-react'
import { fileWord } from '../../lib/fileActions.ts'
import { formatCount, formatDisk } from '../../lib/format.ts'
import { showFilesOf } from '../../lib/view.ts'
import { FoundStores } from './FoundStores.tsx'
import classes from './files.module.css'
import { shownName } from './paths.ts'
import type { PlaceSummary } from './places.ts'

type PlaceListProps = {
  readonly places: readonly PlaceSummary[]
  readonly all: Omit<PlaceSummary, 'path' | 'inLibrary'>
  /** null: all files */
  readonly shown: string | null
}

/** The folders of the library and those that were validated once, with what lies below each. */
export function PlaceList({ places, all, shown }: PlaceListProps) {
  const once = places.filter(({ inLibrary }) => !inLibrary)
  return (
    <nav className={classes.places} aria-label="Folders">
      <Place Icon={Files} name="All files" path={null} summary={all} shown={shown} />
      {places
        .filter(({ inLibrary }) => inLibrary)
        .map((place) => (
          <Place
            key={place.path}
            Icon={Folder}
            name={shownName(place.path)}
            path={place.path}
            summary={place}
            shown={shown}
          />
        ))}
      {once.length > 0 && <h2 className={classes.placesTitle}>Validated once</h2>}
      {once.map((place) => (
        <Place
          key={place.path}
          Icon={FolderSearch}
          name={shownName(place.path)}
          path={place.path}
          summary={place}
          shown={shown}
        />
      ))}
      <FoundStores />
    </nav>
  )
}

type PlaceProps = {
  readonly Icon: LucideIcon
  readonly name: string
  readonly path: string | null
  readonly summary: Omit<PlaceSummary, 'path' | 'inLibrary'>
  readonly shown: string | null
}

function Place({ Icon, name, path, summary: { files, sizeBytes, broken, dangerous }, shown }: PlaceProps) {
  return (
    <Tooltip label={path} disabled={path === null} position="right">
      <button
        type="button"
        className={classes.place}
        aria-current={shown === path ? 'true' : undefined}
        onClick={() => showFilesOf(path)}
      >
        <Icon size={14} aria-hidden />
        <span className={classes.placeWords}>
          <span className={`${classes.clipped} ${classes.placeName}`}>{name}</span>
          <span className={classes.placeFigures}>
            {fileWord(files)}, {formatDisk(sizeBytes)}
          </span>
          {dangerous + broken > 0 && (
            <span className={classes.placeBad}>
              {[
                dangerous > 0 ? `${formatCount(dangerous)} dangerous` : '',
                broken > 0 ? `${formatCount(broken)} broken` : '',
              ]
                .filter(Boolean)
                .join(', ')}
            </span>
          )}
        </span>
      </button>
    </Tooltip>
  )
}
