import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import { type DrmCard, drmNodes } from './drmCard.ts'
import type { DrmClients } from './drmClients.ts'
import { describePciGpu, isAsleep, listPciGpus, type PciGpu } from './pciGpus.ts'
import { emptyReading, type Source, SourceError } from './source.ts'

export interface DrmSourceDeps {
  readonly name: string
  readonly root: string
  readonly vendor: PciGpu['vendor']
  /** the kernel drivers it understands; a card held by another is listed with a note */
  readonly drivers: readonly string[]
  readonly now: () => number
  readonly clients: DrmClients
  readonly createCard: (gpu: PciGpu) => Promise<DrmCard>
}

/** The cards of one vendor, from sysfs and fdinfo. A sleeping card is asked for nothing but whether it sleeps. */
export function createDrmSource({ name, root, vendor, drivers, now, clients, createCard }: DrmSourceDeps): Source {
  let cards: { card: DrmCard; nodes: readonly string[] }[] = []
  let others: readonly Device[] = []
  let current: readonly Device[] = []
  const states = new Map<string, Device['state']>()

  function publish(): void {
    current = [
      ...cards.map(({ card }) => ({ ...card.device, state: states.get(card.gpu.address) ?? 'active' })),
      ...others,
    ]
  }

  async function isSleeping({ card, nodes }: (typeof cards)[number]): Promise<boolean> {
    const asleep = card.gpu.canSleep && (await isAsleep(card.gpu))
    clients.setAsleep(nodes, asleep)
    const state = asleep ? 'asleep' : 'active'
    if (states.get(card.gpu.address) !== state) {
      states.set(card.gpu.address, state)
      publish()
    }
    return asleep
  }

  async function readCard({ card }: (typeof cards)[number]): Promise<DeviceReading> {
    const { device, gpu } = card
    const values = await card.read()
    const owners = clients.owners(gpu.address, card.sharesSystemMemory)
    const utilization = values.utilization ?? clients.utilization(gpu.address)
    const reading = { ...emptyReading(device.device, now()), ...values, utilization, owners }
    if (values.usedBytes !== null || owners.length === 0 || device.memoryKind !== 'dedicated') return reading
    // the driver hides the whole: the sum of what we may see is a lower bound, so nothing is said about what is free
    return { ...reading, usedBytes: owners.reduce((sum, owner) => sum + (owner.bytes ?? 0), 0) }
  }

  return {
    name,
    devices: () => current,

    async detect() {
      const gpus = (await listPciGpus(root)).filter((gpu) => gpu.vendor === vendor)
      if (gpus.length === 0) throw new SourceError('absent', `There is no ${name} card.`)
      const usable = gpus.filter((gpu) => drivers.includes(gpu.driver ?? ''))
      cards = await Promise.all(
        usable.map(async (gpu) => ({ card: await createCard(gpu), nodes: await drmNodes(gpu) })),
      )
      others = await Promise.all(
        gpus
          .filter((gpu) => !usable.includes(gpu))
          .map((gpu) =>
            describePciGpu(root, gpu, [`Held by the driver ${gpu.driver ?? 'none'}: Berth cannot use it.`]),
          ),
      )
      states.clear()
      publish()
      for (const entry of cards) await isSleeping(entry)
    },

    async sample() {
      if (cards.length === 0) return []
      const awake: (typeof cards)[number][] = []
      for (const entry of cards) if (!(await isSleeping(entry))) awake.push(entry)
      if (awake.length > 0) await clients.scan()
      return Promise.all(
        cards.map((entry) =>
          awake.includes(entry) ? readCard(entry) : Promise.resolve(emptyReading(entry.card.device.device, now())),
        ),
      )
    },

    async stop() {},
  }
}
