export { executeWitness, type StatelessResult } from "./execute.ts";
export { blockToReplay, type BlockToReplay } from "./replay.ts";
export type { ExecutionWitness } from "./witness.ts";
