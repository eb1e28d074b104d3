/**
 * What the random tests start from. The same each time, so that a run says something about the code and nothing about
 * luck; `FUZZ_SEED` looks further.
 */
export const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_901);
