import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Device } from '../../shared/contract/hardware.ts'
import { readText } from './sysfs.ts'

/** A graphics card as Linux's PCI bus lists it; nothing read here wakes it. */
export interface PciGpu {
  /** `0000:08:00.0` */
  readonly address: string
  readonly folder: string
  readonly vendor: 'nvidia' | 'amd' | 'intel'
  /** `10de:2684`, lower case */
  readonly pciId: string
  /** the kernel driver; null when none holds it */
  readonly driver: string | null
  /** the kernel may power it down while nobody uses it */
  readonly canSleep: boolean
}

const vendors: Readonly<Record<string, PciGpu['vendor']>> = { '10de': 'nvidia', '1002': 'amd', '8086': 'intel' }

/** PCI class 03 is a display controller; AMD's compute cards say 12, "processing accelerator", as Intel's NPUs do. */
const isGpu = (vendor: PciGpu['vendor'], pciClass: number) =>
  pciClass >> 16 === 0x03 || (vendor === 'amd' && pciClass >> 16 === 0x12)

export async function listPciGpus(root: string): Promise<PciGpu[]> {
  const bus = join(root, 'sys/bus/pci/devices')
  // no PCI bus (some ARM boards, sandboxes): no cards
  const addresses = await readdir(bus).catch(() => [])
  const gpus = await Promise.all(
    addresses.map(async (address): Promise<PciGpu[]> => {
      const folder = join(bus, address)
      const uevent = (await readText(join(folder, 'uevent'))) ?? ''
      const field = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(uevent)?.[1] ?? null
      const pciId = field('PCI_ID')?.toLowerCase() ?? ''
      const vendor = vendors[pciId.split(':')[0] ?? '']
      if (vendor === undefined || !isGpu(vendor, Number.parseInt(field('PCI_CLASS') ?? '0', 16))) return []
      const canSleep = (await readText(join(folder, 'power/control'))) === 'auto'
      return [{ address: address.toLowerCase(), folder, vendor, pciId, driver: field('DRIVER'), canSleep }]
    }),
  )
  return gpus.flat()
}

/** Is it powered down? Asking does not wake it. */
export async function isAsleep(gpu: PciGpu): Promise<boolean> {
  const status = await readText(join(gpu.folder, 'power/runtime_status'))
  return status === 'suspended' || status === 'suspending'
}

/** The name of a card in the text of `pci.ids`: vendor lines at the margin, their devices behind one tab. */
function findPciName(pciIds: string, pciId: string): string | null {
  const [vendorId = '', deviceId = ''] = pciId.split(':')
  const start = pciIds.search(new RegExp(`^${vendorId}  `, 'm'))
  if (start < 0) return null
  const section = pciIds.slice(start)
  const next = section.search(/\n[0-9a-fC]/)
  const line = new RegExp(`^\\t${deviceId}  (.+)$`, 'm').exec(next < 0 ? section : section.slice(0, next))
  return line?.[1]?.trim() ?? null
}

const vendorNames = { nvidia: 'NVIDIA', amd: 'AMD', intel: 'Intel' } as const

/** The card's name from the system's own list of PCI names, where there is one. */
async function readPciName(root: string, gpu: PciGpu): Promise<string> {
  for (const path of ['usr/share/misc/pci.ids', 'usr/share/hwdata/pci.ids']) {
    const name = findPciName((await readText(join(root, path))) ?? '', gpu.pciId)
    if (name !== null) return `${vendorNames[gpu.vendor]} ${name}`
  }
  return `${vendorNames[gpu.vendor]} GPU ${gpu.pciId}`
}

/** What the PCI bus alone says about a card. */
export async function describePciGpu(root: string, gpu: PciGpu, notes: readonly string[]): Promise<Device> {
  return {
    device: `gpu:${gpu.address}`,
    kind: 'gpu',
    vendor: gpu.vendor,
    name: await readPciName(root, gpu),
    memoryKind: 'dedicated',
    totalBytes: null,
    driver: gpu.driver,
    uuid: null,
    pciAddress: gpu.address,
    state: (await isAsleep(gpu)) ? 'asleep' : 'active',
    source: 'sysfs',
    notes: [...notes],
  }
}
