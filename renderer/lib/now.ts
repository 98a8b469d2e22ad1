import { useEffect, useState } from 'react'

/** The time, again every `everyMs`, for figures that age by themselves: since, in, ago. */
export const useNow = (everyMs = 1000): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
