export type Document = { readonly fileName: string; readonly mediaType: string; readonly text: string }

/** Saves a text where the browser or the desktop puts downloads. */
export const download = ({ fileName, mediaType, text }: Document): void => {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  URL.revokeObjectURL(address)
}
