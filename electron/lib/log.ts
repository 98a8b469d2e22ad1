/** What a service may say to the log. Fields never hold keys, prompts, answers or serial numbers. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
