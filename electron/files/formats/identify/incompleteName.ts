const endings = [
  '.part',
  '.partial',
  '.crdownload',
  '.aria2',
  '.incomplete',
  '.downloadinprogress',
  '.download',
  '.opdownload',
  '.!ut',
  '-partial',
  '.tmp',
] as const

/** What in a name says that a download is under way or was given up; null when nothing does. */
export const incompleteName = (fileName: string): string | null => {
  const name = fileName.toLowerCase()
  return endings.find((ending) => name.endsWith(ending)) ?? (name.startsWith('incomplete-') ? 'incomplete-' : null)
}
