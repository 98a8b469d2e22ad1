/** Why the reading of one pickle ends early. Never leaves this folder. */
export class PickleFault extends Error {
  /** damaged: a loader stops here too. budget: Berth stops, a loader would not. */
  readonly kind: 'damaged' | 'budget'

  constructor(kind: PickleFault['kind'], message: string) {
    super(message)
    this.name = 'PickleFault'
    this.kind = kind
  }
}
