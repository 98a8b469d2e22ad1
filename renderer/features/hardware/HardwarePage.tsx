export function HardwarePage() {
  return null
}
