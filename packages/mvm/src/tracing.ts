import type { Hash } from "@metis/protocol";

/** Tracers, by geth's names; none: an entry for each instruction ("struct logs"). */
export const tracers = ["callTracer", "flatCallTracer", "prestateTracer", "4byteTracer"] as const;

/** What a trace shows; geth's options, by its names. Everything is off or zero unless given. */
export interface TraceOptions {
  readonly tracer?: (typeof tracers)[number];
  /** Struct logs: leave the stack, or the slots seen so far, out of the entries; put memory, or the last call's output, in. */
  readonly disableStack?: boolean;
  readonly disableStorage?: boolean;
  readonly enableMemory?: boolean;
  readonly enableReturnData?: boolean;
  /** Struct logs: bytes of entries after which no more are recorded. */
  readonly limit?: bigint;
  /** callTracer: logs of each call; the transaction's own call alone. */
  readonly withLog?: boolean;
  readonly onlyTopCall?: boolean;
  /** flatCallTracer: Parity's words for failures; calls to precompiles, too. */
  readonly convertParityErrors?: boolean;
  readonly includePrecompiles?: boolean;
  /** prestateTracer: what changed, before and after; without code (`disableStorage`: without slots). */
  readonly diffMode?: boolean;
  /** prestateTracer: accounts that did not exist before, too; not with `diffMode`. */
  readonly includeEmpty?: boolean;
  readonly disableCode?: boolean;
}

/** A value of JSON, as the tracer wrote it. */
export type TraceResult = unknown;

export interface TransactionTrace {
  readonly txHash: Hash;
  readonly result: TraceResult;
}
