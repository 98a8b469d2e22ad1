export function RunningPage() {
  return null
}
