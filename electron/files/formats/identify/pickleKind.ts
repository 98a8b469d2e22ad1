import { type Identity, identityOf } from './identity.ts'

const pickle = identityOf('pickle', 'a pickle (it can run code when something loads it)', 'model')

/** Opcodes that may follow a protocol or an import. */
const opcodes = new Set(
  Buffer.from(
    '.(0123FINJKLMPQSTUVXbacde]}goshrtupqRilGBC\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98j',
    'latin1',
  ),
)

/** An import in the text form (module, name), then what is done with it. */
const importsText = /^\(?c[A-Za-z_][\w.]{0,200}\n[A-Za-z_][\w.]{0,200}\n[pq()NSVI.t\]}\x94RoK]/
/** The same behind values that are of no use, as one puts them there who does not want to be found. */
const hiddenImport =
  /^(?:[(\]})N012]|[SVIFL][^\n]{0,200}\n){1,20}[ci][A-Za-z_][\w.]{0,200}\n[A-Za-z_][\w.]{0,200}\n(?:p\d{1,9}\n|q[^!-~])?[()]/
/** A dictionary, a list, a tuple or an instance in the text form. */
const beginsText = /^(\((dp|lp|i[A-Za-z_][\w.]{0,200}\n)|[\]})]q[^!-~]|\(?[SV][^\n]{0,500}\np\d+\n)/

/** Opcode 0x80 and a protocol, or the text form of old pickles; null when it is none. */
export const pickleKind = (bytes: Buffer): Identity | null => {
  if (bytes[0] === 0x80 && (bytes[1] ?? 255) <= 5 && (bytes.length < 3 || opcodes.has(bytes[2] ?? 0))) return pickle
  const text = bytes.toString('latin1', 0, 1024)
  return importsText.test(text) || hiddenImport.test(text) || beginsText.test(text) ? pickle : null
}
