/**
 * Milliseconds this thread has computed so far, user and system: what other programs and threads of the machine do at
 * the same time does not count. The difference of two is what the work between them took.
 */
export const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
