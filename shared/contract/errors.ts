import { z } from 'zod'

/**
 * The closed list of what can go wrong, in HTTP's terms. `message` says what happened, `advice` what to do; a thrown
 * AppError may replace both with something more exact. Codes are part of the API: add, never rename.
 */
export const errorCodes = {
  // the caller
  INVALID_INPUT: {
    status: 422,
    message: 'The request does not have the expected form.',
    advice: 'Correct the fields named in the message and send it again.',
  },
  INVALID_JSON: {
    status: 422,
    message: 'The request body is not valid JSON.',
    advice: 'Send one JSON object in UTF-8.',
  },
  NOT_JSON: {
    status: 415,
    message: 'The request body is not declared as JSON.',
    advice: 'Send it with the header Content-Type: application/json.',
  },
  TOO_LARGE: { status: 413, message: 'The request is too large.', advice: 'Send at most 8 MiB.' },
  HEADERS_TOO_LARGE: {
    status: 431,
    message: 'The request headers are too large.',
    advice: 'Send at most 16 KiB of headers.',
  },
  UNAUTHENTICATED: {
    status: 401,
    message: 'This address needs a token.',
    advice: 'Open the link Berth printed at its start, or send Authorization: Bearer TOKEN.',
  },
  FORBIDDEN: {
    status: 403,
    message: 'This request comes from a place that may not call Berth.',
    advice: 'Use the address Berth printed, from its own page or with a bearer token.',
  },
  NOT_FOUND: {
    status: 404,
    message: 'There is nothing at this address.',
    advice: 'See /api/v1/docs for what there is.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'This address does not take this method.',
    advice: 'See /api/v1/docs for the methods it takes.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    message: 'Too many requests are waiting.',
    advice: 'Wait for some of them to finish.',
  },
  // models and what is loaded
  MODEL_NOT_FOUND: {
    status: 404,
    message: 'No provider has this model.',
    advice: 'List the models and use a name from there.',
  },
  MODEL_NOT_LOADED: { status: 409, message: 'The model is not loaded.', advice: 'Load it first.' },
  MODEL_NOT_LOADABLE: {
    status: 422,
    message: 'This file cannot be loaded by itself.',
    advice: 'Load the model it belongs to.',
  },
  BUSY: {
    status: 409,
    message: 'Something else is being done with this.',
    advice: 'Wait for it to finish, or cancel it.',
  },
  CANCELLED: {
    status: 409,
    message: 'It was cancelled before it finished.',
    advice: 'Start it again when you want it.',
  },
  SET_ASIDE: {
    status: 409,
    message: 'The model was set aside because its engine ended three times in five minutes.',
    advice: 'Load it with other options, or check the file.',
  },
  OUT_OF_MEMORY: {
    status: 507,
    message: 'There is not enough memory for this.',
    advice: 'Unload something, or load with a shorter context or a smaller quantisation.',
  },
  LOAD_FAILED: {
    status: 502,
    message: 'The engine could not load the model.',
    advice: 'Read the reason; check the file and the options.',
  },
  ENGINE_CRASHED: {
    status: 502,
    message: 'The engine process of this model ended unexpectedly.',
    advice: 'Load the model again.',
  },
  VERB_NOT_SUPPORTED: { status: 422, message: 'This provider cannot do that.', advice: 'Use a provider that can.' },
  // providers
  PROVIDER_NOT_FOUND: {
    status: 404,
    message: 'There is no provider of this name.',
    advice: 'List the providers and use a name from there.',
  },
  PROVIDER_UNREACHABLE: {
    status: 502,
    message: 'The provider does not answer.',
    advice: 'Start it, or correct its address on the Providers page.',
  },
  PROVIDER_BAD_ANSWER: {
    status: 502,
    message: 'The provider answered something that is not its protocol.',
    advice: 'Check that the address belongs to this kind of server and that its version is recent.',
  },
  PROVIDER_ERROR: {
    status: 502,
    message: 'The provider reported an error.',
    advice: 'Read its message; the provider’s own log says more.',
  },
  PROVIDER_TIMEOUT: {
    status: 504,
    message: 'The provider took too long to answer.',
    advice: 'Try again; if it stays so, restart the provider.',
  },
  PROVIDER_KEY_REJECTED: {
    status: 502,
    message: 'The provider did not accept the key.',
    advice: 'Enter a valid key for this provider on the Providers page.',
  },
  PROVIDER_NO_CREDIT: {
    status: 502,
    message: 'The account at the provider has not enough credit.',
    advice: 'Add credit there, or use a free model.',
  },
  PROVIDER_RATE_LIMITED: {
    status: 503,
    message: 'The provider takes no more requests for now.',
    advice: 'Wait until the time it named.',
  },
  PROVIDER_BUSY: {
    status: 503,
    message: 'The provider is busy.',
    advice: 'Wait for its other requests to finish and try again.',
  },
  PROVIDER_PAUSED: {
    status: 503,
    message: 'After repeated faults this provider is not asked for a while.',
    advice: 'Wait for the next attempt, or choose Check again.',
  },
  PROVIDER_WRONG_KIND: {
    status: 502,
    message: 'Another kind of server answers at this address.',
    advice: 'Choose the kind of server that runs there, or correct the address.',
  },
  PROVIDER_TOO_OLD: {
    status: 502,
    message: 'This version of the provider is too old.',
    advice: 'Update the provider.',
  },
  PROVIDER_EXISTS: {
    status: 409,
    message: 'This server is already connected.',
    advice: 'Change the provider that is there.',
  },
  ADDRESS_INVALID: {
    status: 422,
    message: 'This is not the address of a server.',
    advice: 'Give an address like http://127.0.0.1:11434, without user name or password.',
  },
  // names
  NAME_INVALID: {
    status: 422,
    message: 'The provider cannot use this name.',
    advice: 'Read what is wrong with it and choose another.',
  },
  MODEL_EXISTS: {
    status: 409,
    message: 'There is already a model of this name.',
    advice: 'Choose another name, or remove that model first.',
  },
  // keys of providers
  SECRETS_LOCKED: {
    status: 409,
    message: 'The stored keys are locked.',
    advice: 'Unlock them with the passphrase they were stored under.',
  },
  PASSPHRASE_WRONG: {
    status: 422,
    message: 'This is not the passphrase the keys were stored under.',
    advice: 'Try again. Without it the keys have to be entered anew.',
  },
  // folders and files
  FOLDER_NOT_FOUND: {
    status: 404,
    message: 'This folder is not in the library.',
    advice: 'List the folders and use one from there.',
  },
  FOLDER_EXISTS: {
    status: 409,
    message: 'This folder is already in the library.',
    advice: 'Scan it again if files are missing.',
  },
  PATH_UNUSABLE: {
    status: 422,
    message: 'This path cannot be used.',
    advice: 'Give the absolute path of a folder or file that exists and that you may read.',
  },
  FILE_INVALID: {
    status: 422,
    message: 'The file is not what it should be.',
    advice: 'Download it again, or check where it came from.',
  },
  FILE_NOT_KNOWN: {
    status: 404,
    message: 'Berth has no report of this file.',
    advice: 'Validate it first.',
  },
  FILE_EXISTS: {
    status: 409,
    message: 'There is already a file of this name.',
    advice: 'Choose another name: Berth never writes over a file.',
  },
  DISK_FULL: { status: 507, message: 'The disk is full.', advice: 'Free some space and try again.' },
  // benchmarks
  BENCHMARK_NOT_FOUND: {
    status: 404,
    message: 'There is no such benchmark.',
    advice: 'List the benchmarks and use an id from there.',
  },
  COST_NOT_ACCEPTED: {
    status: 402,
    message: 'This benchmark costs money, and nobody agreed to that.',
    advice: 'Ask for its plan, and send the amount you agree to as acceptedUsd.',
  },
  // jobs, settings, the application itself
  JOB_NOT_FOUND: { status: 404, message: 'There is no such job.', advice: 'List the jobs and use an id from there.' },
  JOB_FINISHED: { status: 409, message: 'The job is already finished.', advice: 'There is nothing left to cancel.' },
  DATA_FOLDER_BUSY: {
    status: 409,
    message: 'Another Berth uses this data folder.',
    advice: 'Close it, or start with another --data-dir.',
  },
  DATA_FOLDER_UNUSABLE: {
    status: 500,
    message: 'The data folder cannot be used.',
    advice: 'Give a folder that you may write to with --data-dir.',
  },
  CATALOG_TOO_NEW: {
    status: 500,
    message: 'The catalog was written by a newer Berth.',
    advice: 'Update Berth, or start with another --data-dir.',
  },
  PORT_IN_USE: { status: 500, message: 'The port is in use.', advice: 'Choose another with --port, or leave it out.' },
  INTERNAL: {
    status: 500,
    message: 'Berth made a mistake.',
    advice: 'Try again; if it stays so, report it with the request id.',
  },
} as const satisfies Record<string, { status: number; message: string; advice: string }>

export type ErrorCode = keyof typeof errorCodes

/** What every error carries across the contract, beside its code and message. */
export const ErrorData = z.object({
  advice: z.string(),
  requestId: z.string(),
  /** Facts for a machine, e.g. `missingBytes`; shape by code. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
})
export type ErrorData = z.infer<typeof ErrorData>

/** The body of every REST error. */
export const ErrorBody = z.object({ code: z.string(), message: z.string() }).extend(ErrorData.shape)
