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

const quote = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);
const comma = ",".charCodeAt(0);
const openings = new Set(["[", "{"].map((sign) => sign.charCodeAt(0)));
const closings = new Set(["]", "}"].map((sign) => sign.charCodeAt(0)));

/** The items of a JSON list without white space, each as text: parsing megabytes to write them again takes longer. */
export function jsonItems(list: string): string[] {
  const items: string[] = [];
  let start = 1;
  let depth = 0;
  for (let at = 0; at < list.length; at++) {
    const sign = list.charCodeAt(at);
    if (sign === quote) at = endOfString(list, at);
    else if (openings.has(sign)) depth++;
    else if (closings.has(sign)) depth--;
    const isEnd = (sign === comma && depth === 1) || depth === 0;
    if (!isEnd) continue;
    if (at > start) items.push(list.slice(start, at));
    start = at + 1;
  }
  return items;
}

/** Place of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
}
