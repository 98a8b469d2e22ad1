import { describe, expect, test } from 'vitest'
import { never, start, tiny } from '../../../test/support/llamaServerConnection.ts'

describe('adapters', () => {
  const adapters = [
    { id: 0, path: '/loras/style.gguf', scale: 1 },
    { id: 1, path: '/loras/facts.gguf', scale: 0.5 },
  ]

  test('are listed with their scales, and none can be added or taken away', async () => {
    const { provider } = await start({ adapters })
    expect(await provider.adapters(tiny, never)).toEqual({
      adapters: [
        { id: '0', name: 'style.gguf', path: '/loras/style.gguf', scale: 1 },
        { id: '1', name: 'facts.gguf', path: '/loras/facts.gguf', scale: 0.5 },
      ],
      can: { scale: true, add: false, remove: false },
    })
    for (const change of [
      { change: 'add', name: 'x', path: '/x' },
      { change: 'remove', id: '0' },
    ] as const)
      await expect(provider.changeAdapter(tiny, change, never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  test('a scale is changed, and the others keep theirs, also when two are changed at once', async () => {
    const { provider } = await start({ adapters })
    await Promise.all([
      provider.changeAdapter(tiny, { change: 'scale', id: '0', scale: 0.25 }, never),
      provider.changeAdapter(tiny, { change: 'scale', id: '1', scale: 2 }, never),
    ])
    expect((await provider.adapters(tiny, never)).adapters.map(({ scale }) => scale)).toEqual([0.25, 2])
  })

  test('an adapter that is not there is refused, which the server would not do', async () => {
    const { server, provider } = await start({ adapters })
    await expect(provider.changeAdapter(tiny, { change: 'scale', id: '7', scale: 1 }, never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(server.paths()).not.toContain('POST /lora-adapters')
  })
})
