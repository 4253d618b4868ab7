export type * from "./api.ts";
export type * from "./simulation.ts";
export { runBlockTests, runStateTests, type BlockTestResult, type StateTestResult } from "./conformance/index.ts";
export { MvmError } from "./errors.ts";
export type { ImportProgress } from "./executor/importFile.ts";
export type {
  BlobParameters,
  ForkActivation,
  Genesis,
  GenesisAccount,
  GenesisHeader,
  PureSchedule,
} from "./genesis.ts";
export { parseGethGenesis } from "./gethGenesis.ts";
export { tracers, type TraceOptions, type TraceResult, type TransactionTrace } from "./tracing.ts";
export { importChain, openMvm, type OpenOptions } from "./mvm.ts";
export * from "./snapshot/index.ts";
export { holdIdleData, type IdleData } from "./storage/idle.ts";
export { orderedProof } from "./trie/ordered.ts";
export { blockRlp } from "./wire/wholeBlock.ts";
export * from "./witness/index.ts";
