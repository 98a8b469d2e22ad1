/** They change the order in which a name is shown: `model\u202efugg.exe` looks like `modelexe.gguf`. */
export const bidiCharacter = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
/** Without the one that asks for a coloured emoji. */
export const invisibleCharacter = /(?!\ufe0f)[\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9\ufffa\ufffb]/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
export const controlCharacter = /[\x00-\x1f\x7f-\x9f]/

const hidden = new RegExp(`${bidiCharacter.source}|${invisibleCharacter.source}|${controlCharacter.source}`, 'gu')
const plain = /^[\x20-\x7e]*$/

/** A stranger's name as it is: every character that cannot be seen or that moves others is written as its number. */
export const visibleText = (text: string): string =>
  plain.test(text)
    ? text
    : text.replace(
        hidden,
        (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
      )
