/** Tokens; enough for a talk, and not gigabytes of cache. */
const most = 4096

/** The context of a load when nobody asks for a number: what the model was trained for, up to `most`. */
export const defaultContextLength = (trainedContext: number | null): number => Math.min(trainedContext ?? most, most)
