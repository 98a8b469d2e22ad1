import { z } from 'zod'

/**
 * Parts of schemas for what a server sends that we do not trust: only what identifies a thing must be there; anything else
 * that is absent, of another type or out of range is null, because servers of other versions leave out and add.
 */
export const orNull = <T>(schema: z.ZodType<T>) =>
  schema
    .nullish()
    .catch(null)
    .transform((value) => value ?? null)

/** The first `max` UTF-16 units. */
export const text = (max: number) => orNull(z.string().transform((value) => value.slice(0, max)))
/** Finite, zero or more. */
export const amount = orNull(z.number().nonnegative())
/** Above zero: a length or a size, of which nothing has one of 0. */
export const positive = orNull(z.number().positive())
/** A text as RFC 3339 or ISO 8601 has it → Unix milliseconds. */
export const time = orNull(
  z
    .string()
    .transform(Date.parse)
    .refine((value) => !Number.isNaN(value)),
)
export const flag = orNull(z.boolean())
/** The first `max` of them, each at most 100 long; what is no text is left out. */
export const words = (max: number) =>
  orNull(
    z.array(z.unknown()).transform((values) => {
      const some = values.slice(0, max)
      return some.filter((value) => typeof value === 'string').map((value) => value.slice(0, 100))
    }),
  )
