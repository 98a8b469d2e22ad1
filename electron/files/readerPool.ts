import type { FileReader } from './fileReader.ts'

/** Some readers behind one: a question goes to the one with the least before it, so that a warm one is asked again. */
export const createReaderPool = (readers: readonly FileReader[]) => {
  const lanes = readers.map((reader) => ({ reader, waiting: 0 }))
  return {
    ask: async <T>(question: (reader: FileReader) => Promise<T>): Promise<T> => {
      const lane = lanes.reduce((best, one) => (one.waiting < best.waiting ? one : best))
      lane.waiting++
      try {
        return await question(lane.reader)
      } finally {
        lane.waiting--
      }
    },
    close: (): void => {
      for (const { reader } of lanes) reader.close()
    },
  }
}
