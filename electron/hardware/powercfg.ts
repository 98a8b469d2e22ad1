import type { Power } from './conditions.ts'

/** What Windows prints of its power: `powercfg /getactivescheme`, whose words are in the user's language and whose GUIDs are not. */

const schemes: Readonly<Record<string, string>> = {
  '381b4222-f694-41f0-9685-ff5bb260df2e': 'balanced',
  '8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c': 'high performance',
  'a1841308-3541-4fab-bc81-f71556f20b4a': 'power saver',
  'e9a42b02-d5df-448d-aa00-03f14749eb61': 'ultimate performance',
}

export function parseScheme(text: string): Pick<Power, 'mode' | 'isSaving'> {
  const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(text)?.[0].toLowerCase()
  if (guid === undefined) return { mode: null, isSaving: null }
  // a scheme of the maker's or the user's own may be anything
  const mode = schemes[guid]
  return mode === undefined ? { mode: 'custom', isSaving: null } : { mode, isSaving: mode === 'power saver' }
}

/** Asks `GetSystemPowerStatus`; the names are those of .NET, in every language. */
export const powerLineScript =
  'Add-Type -AssemblyName System.Windows.Forms; [System.Windows.Forms.SystemInformation]::PowerStatus.PowerLineStatus'

export const parsePowerLine = (text: string): boolean | null =>
  text.trim() === 'Offline' ? true : text.trim() === 'Online' ? false : null
