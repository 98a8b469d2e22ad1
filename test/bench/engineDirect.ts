/**
 * node-llama-cpp without Berth: a process that loads the model and answers, with its clock inside. Its parent sends each
 * question when it wants one. `fork(engineDirect, [PATH, THREADS])`
 */
import { getLlama, LlamaChat, LlamaLogLevel, resolveChatWrapper } from 'node-llama-cpp'
import { type Question, timeAnswer } from './speed.ts'

const [modelPath = '', threads = ''] = process.argv.slice(2)
const llama = await getLlama({
  gpu: false,
  build: 'never',
  progressLogs: false,
  logLevel: LlamaLogLevel.error,
  maxThreads: 0, // its default is at least 4, however few cores there are
})
const model = await llama.loadModel({ modelPath, gpuLayers: 0 })
const context = await model.createContext({
  contextSize: 4096,
  threads: { ideal: Number(threads), min: Number(threads) },
})
const contextSequence = context.getSequence()
const chatWrapper = resolveChatWrapper(model, { type: 'jinjaTemplate' }) // as Berth takes it

process.on('disconnect', () => process.exit(0))
process.on('message', async ({ text, maxTokens }: Question) => {
  const answer = await timeAnswer(async (onText) => {
    const before = contextSequence.tokenMeter.getState()
    const chat = new LlamaChat({ contextSequence, chatWrapper })
    const history = [
      { type: 'user' as const, text },
      { type: 'model' as const, response: [] },
    ]
    await chat.generateResponse(history, { temperature: 0, maxTokens, repeatPenalty: false, onResponseChunk: onText })
    chat.dispose({ disposeSequence: false })
    return { tokens: contextSequence.tokenMeter.diff(before).usedOutputTokens, promptTokens: null }
  })
  process.send?.(answer)
})
process.send?.('ready')
