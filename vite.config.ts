import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { configDefaults } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Stay out of the bundle: native addons, what looks for its own files, and what only one rare path needs. */
const external = [/^node:/, ...builtinModules, 'electron', 'better-sqlite3', 'node-llama-cpp', 'systeminformation']

/**
 * V8 may abort a process whose workers come and go while it guards their code with memory keys (nodejs/node#64500); seen
 * once, in a test. Where one process lives for days it would cost each start 30 ms.
 */
const execArgv = ['--no-memory-protection-keys']

/** In development the headless host answers everything that is not a source of the window. */
const devHost = process.env.BERTH_DEV_HOST
const toDevHost = { target: devHost ?? '', changeOrigin: true, headers: { origin: devHost ?? '' } }

export default defineConfig({
  root: at('renderer'),
  base: './',
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    ...(devHost && { proxy: { '/api': toDevHost, '/open': toDevHost, '/rpc': { ...toDevHost, ws: true } } }),
  },
  build: { target: 'esnext', emptyOutDir: true },
  environments: {
    client: { build: { outDir: at('dist/renderer') } },
    main: {
      consumer: 'server',
      resolve: { noExternal: true, external: ['electron', 'better-sqlite3', 'node-llama-cpp', 'systeminformation'] },
      build: {
        outDir: at('dist/main'),
        minify: false,
        sourcemap: true,
        rollupOptions: {
          external,
          input: {
            headless: at('electron/headless/main.ts'),
            shell: at('electron/shell/main.ts'),
            engine: at('electron/engine/process/main.ts'),
            fileWorker: at('electron/files/fileWorker.ts'),
            hashWorker: at('electron/files/hashing/hashWorker.ts'),
            loadWorker: at('electron/benchmark/servingTest/loadWorker.ts'),
            loopbackWorker: at('electron/benchmark/servingTest/loopbackWorker.ts'),
            lmStudioWorker: at('electron/providers/lmstudio/lmStudioWorker.ts'),
          },
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true, external: ['electron'] },
      build: {
        outDir: at('dist/preload'),
        minify: false,
        rollupOptions: {
          external: ['electron'],
          input: { preload: at('electron/shell/preload.ts') },
          output: { format: 'cjs', entryFileNames: '[name].cjs' },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments))
        if (environment.name !== 'ssr') await builder.build(environment)
    },
  },
  test: {
    // one less would be half of the machine where there are two cores, and most tests wait for something
    maxWorkers: '100%',
    projects: [
      {
        root: at('.'),
        test: {
          name: 'unit',
          include: ['{electron,shared,renderer,test}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, 'test/peers/**', 'test/e2e/**'],
          // a machine that does much else starts a process or loads a model in many seconds; what is waited for comes at once else
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
          globalSetup: at('test/tempRoot.ts'),
          execArgv,
        },
      },
      {
        root: at('.'),
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
          execArgv,
        },
      },
    ],
  },
})
