import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createChildProcesses } from '../lib/childProcess.ts'
import { createHardwareService } from './hardwareService.ts'
import { basicMachine } from './machine.ts'

/** For tests: a machine made of files and scripts in a temporary folder, and a clock that stands still. */

export const fixture = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/hardware/${name}`, import.meta.url), 'utf8')

export const gigabyte = 1024 ** 3

const meminfo = (totalBytes: number, availableBytes: number) =>
  `MemTotal:       ${totalBytes / 1024} kB\nMemFree:        1024 kB\nMemAvailable:   ${availableBytes / 1024} kB\n`

export async function createFakeMachine(platform: NodeJS.Platform = 'linux') {
  const root = await mkdtemp(join(tmpdir(), 'berth-hardware-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const commands = join(root, 'commands')
  const warnings: string[] = []
  const own: { pid: number }[] = []
  let time = 1_000_000

  const machine = {
    root,
    commands,
    warnings,
    own,
    now: () => time,
    pass(milliseconds: number) {
      time += milliseconds
    },
    async write(path: string, text: string) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    },
    async link(path: string, target: string) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await symlink(target, join(root, path))
    },
    remove: (path: string) => rm(join(root, path), { recursive: true, force: true }),
    memory: (totalBytes: number, availableBytes: number) =>
      machine.write('proc/meminfo', meminfo(totalBytes, availableBytes)),
    /** A tool: a shell script in the only folder where tools are looked for. */
    async command(name: string, script: string) {
      await machine.write(join('commands', name), `#!/bin/sh\nhere=$(dirname "$0")\n${script}\n`)
      await chmod(join(commands, name), 0o755)
    },
    async pciCard(address: string, pciId: string, driver: string, files: Readonly<Record<string, string>> = {}) {
      const folder = `sys/bus/pci/devices/${address}`
      await machine.write(
        `${folder}/uevent`,
        `DRIVER=${driver}\nPCI_CLASS=30000\nPCI_ID=${pciId}\nPCI_SLOT_NAME=${address}\n`,
      )
      for (const [name, text] of Object.entries(files)) await machine.write(`${folder}/${name}`, `${text}\n`)
    },
    /** A process that has the card open, with this fdinfo. */
    async drmProcess(pid: number, name: string, node: string, descriptor: string, fdinfo: string) {
      await machine.write(`proc/${pid}/comm`, `${name}\n`)
      await machine.link(`proc/${pid}/fd/${descriptor}`, node)
      await machine.write(`proc/${pid}/fdinfo/${descriptor}`, fdinfo)
    },
    service: () => {
      const log = (_fields: object, message: string) => void warnings.push(message)
      return createHardwareService({
        platform,
        root,
        now: machine.now,
        processes: createChildProcesses(process.env),
        commandFolders: [commands],
        ownPids: () => own,
        readMachine: async () => basicMachine(platform),
        log: { debug: () => {}, info: () => {}, warn: log, error: log },
      })
    },
  }
  await mkdir(commands)
  await machine.memory(32 * gigabyte, 20 * gigabyte)
  await machine.write('proc/stat', 'cpu  100 0 100 800 0 0 0 0 0 0\n')
  return machine
}
export type FakeMachine = Awaited<ReturnType<typeof createFakeMachine>>
