import { encodeRlp, type RlpInput } from "@metis/protocol";
import type { CallOptions, CallRequest } from "../api.ts";
import type { TraceOptions } from "../tracing.ts";
import { callRequest, optional } from "./requests.ts";

/** `trace_block` and `trace_call` of docs/spec/kernel.md. */

const optionFields = (options: TraceOptions): RlpInput => [
  Buffer.from(options.tracer ?? ""),
  options.disableStack ?? false,
  options.disableStorage ?? false,
  options.enableMemory ?? false,
  options.enableReturnData ?? false,
  options.limit ?? 0n,
  options.withLog ?? false,
  options.onlyTopCall ?? false,
  options.diffMode ?? false,
  options.disableCode ?? false,
  options.convertParityErrors ?? false,
  options.includePrecompiles ?? false,
  options.includeEmpty ?? false,
];

/** `index`: the transaction to trace; all of them when absent. */
export const traceBlockRequest = (
  options: TraceOptions,
  header: Uint8Array,
  transactions: readonly Uint8Array[],
  index: number | undefined,
): Uint8Array => encodeRlp([optionFields(options), header, transactions, optional(index)]);

export const traceCallRequest = (
  options: TraceOptions,
  header: Uint8Array,
  request: CallRequest,
  callOptions: CallOptions | undefined,
): Uint8Array => encodeRlp([optionFields(options), callRequest(header, request, callOptions)]);
