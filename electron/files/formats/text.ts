/** A stranger's name in a message: invisible characters replaced, cut. */
export const shownText = (text: string, most = 120): string => {
  const plain = text.slice(0, most).replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd')
  return text.length <= most ? plain : `${plain}…`
}

/** The same in quotes, with every character that could deceive told apart: for names that are compared. */
export const quotedName = (name: string): string => {
  const cutName = name.length > 120 ? `${name.slice(0, 120).replace(/[\ud800-\udbff]$/, '')}…` : name
  return JSON.stringify(cutName).replace(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Control characters, and those that have no width or change the direction of what is shown. */
const invisible = /[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hidden = /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/

export const hasHiddenCharacters = (text: string): boolean => hidden.test(text)
