/** A long value for people, never cut between the two halves of a character; says how long it was, in UTF-16 units. */
export const cutText = (text: string, most: number): string => {
  if (text.length <= most) return text
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most
  return `${text.slice(0, end)}… (${text.length.toLocaleString('en-US')} characters)`
}
