import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Question } from './speed.ts'

/** node-llama-cpp in a process without anything of ours; resolves when the model is loaded. */
export async function startDirect(path: string, threads: number) {
  const child = fork(fileURLToPath(new URL('engineDirect.ts', import.meta.url)), [path, String(threads)])
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const nextMessage = (): Promise<unknown> =>
    Promise.race([
      new Promise<unknown>((resolve) => child.once('message', resolve)),
      ended.then(() => Promise.reject(new Error('node-llama-cpp ended'))),
    ])
  await nextMessage()
  return {
    ask: async (question: Question): Promise<Answer> => {
      child.send(question)
      return (await nextMessage()) as Answer
    },
    close: (): Promise<void> => {
      child.kill()
      return ended
    },
  }
}
