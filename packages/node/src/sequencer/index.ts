// A member's block production without its node, so that a simulation can run whole pools of the real thing.
export * from "./application.ts";
export * from "./attendance.ts";
export * from "./attestor.ts";
export * from "./maker.ts";
export * from "./service.ts";
export * from "./status.ts";
export * from "./batch.ts";
export type { AnchorChoice, AnchorSource } from "./anchors.ts";
export { BatchApplier } from "../derivation/apply.ts";
export { ChainWriter } from "../derivation/chainWriter.ts";
export { ChainHeads } from "../heads/heads.ts";
export { ChainStore } from "../heads/store.ts";
export type { PostedBatch as L1Batch } from "../l1/batches.ts";
export type { L1View, L1Watcher } from "../l1/watcher.ts";
export { EpochSetError } from "../pool/epochSets.ts";
export type { EpochSets } from "../pool/epochSets.ts";
export { generationMesh } from "../pool/generationMesh.ts";
export { recoverDigestSigner, signDigestFast } from "../signatures.ts";
