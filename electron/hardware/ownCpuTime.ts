/** What this process has worked, in milliseconds, as `os.cpus()` counts. Its children are not in it. */
export const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
