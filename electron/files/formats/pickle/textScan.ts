/** Words that have no business in a model's data. Case-insensitive, in the first 64 KiB of each text. */
const words: readonly string[] = [
  'powershell',
  '/bin/sh',
  '/bin/bash',
  'cmd.exe',
  'curl ',
  'wget ',
  'eval(',
  'exec(',
  '__import__',
  'os.system',
  'subprocess.',
  'b64decode',
  'socket.socket',
]

/** Null: none of them is in it. */
export const suspiciousWord = (text: string): string | null => {
  const lower = text.toLowerCase()
  return words.find((word) => lower.includes(word)) ?? null
}

/** Machine code for Linux or Windows at the start of bytes. */
export const programIn = (head: Buffer): string | null => {
  if (head.length >= 20 && head.readUInt32BE(0) === 0x7f454c46) return 'a Linux program (ELF)'
  if (head.length < 64 || head.readUInt16BE(0) !== 0x4d5a) return null
  const at = head.readUInt32LE(60)
  return at + 4 <= head.length && head.readUInt32BE(at) === 0x50450000 ? 'a Windows program (PE)' : null
}
