import { createNodeSpawner } from './engineProcess.ts'
import { createEngineSupervisor } from './engineSupervisor.ts'

/**
 * A host to be killed: starts loading the model it is given and tells the pid of the engine process at once. With
 * `--answer` it then lets it answer without an end.
 */
const [modulePath = '', path = '', mode] = process.argv.slice(2)
const quiet = () => {}
const { signal } = new AbortController()
let told = false
const supervisor = createEngineSupervisor({
  spawn: createNodeSpawner(modulePath),
  env: {},
  now: Date.now,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  physicalCores: () => 2,
  onChange: () => {
    const [engine] = supervisor.instances()
    if (!told && engine?.pid) process.stdout.write(`${engine.pid}\n`)
    told = true
  },
})
await supervisor.load('a', { path, options: { gpuLayers: 0, contextLength: 4096 } }, quiet, signal)
process.stdout.write('loaded\n')
const messages = [{ role: 'user' as const, content: 'Say hello.' }]
while (mode === '--answer')
  for await (const chunk of supervisor.chat('a', { messages, temperature: 5 }, signal))
    if (chunk.type === 'text') process.stdout.write('answering\n')
