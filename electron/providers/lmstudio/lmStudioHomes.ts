import { isAbsolute, join } from 'node:path'
import { readSmallText } from '../parts/smallFile.ts'

/** Folders in which the LM Studio of this person may live: where its pointer says, else the old place, else the new one. */
export const lmStudioHomes = async (userHome: string): Promise<readonly string[]> => {
  const pointer = (await readSmallText(join(userHome, '.lmstudio-home-pointer')))?.trim() ?? ''
  return isAbsolute(pointer) ? [pointer] : [join(userHome, '.cache', 'lm-studio'), join(userHome, '.lmstudio')]
}
