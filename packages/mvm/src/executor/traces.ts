import type { BlockId, CallOptions, CallRequest } from "../api.ts";
import { fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { Chain } from "../storage/chain.ts";
import type { TraceOptions } from "../tracing.ts";
import { traceBlockRequest, traceCallRequest } from "../wire/tracing.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { resolveBlock } from "./lookup.ts";

/** Traces: JSON text from the kernel, parsed by whoever asked. Synchronous: it lives in a worker. */
export class Traces {
  readonly #chain: Chain;
  readonly #slot: KernelSlot;

  constructor(chain: Chain, slot: KernelSlot) {
    this.#chain = chain;
    this.#slot = slot;
  }

  /** A JSON list of results. The block's transactions run again on its parent's state; `index`: shows one of them. */
  traceBlock(id: BlockId, options: TraceOptions, index?: number): string {
    const number = this.#number(id);
    const block = this.#chain.database.blocks.block(number);
    if (block === undefined) throw unknownBlock();
    if (number === 0) throw new MvmError("genesis-not-traceable", "genesis is not traceable");
    const transactions = block.transactions.map(fromHex);
    const request = traceBlockRequest(options, fromHex(block.headerRlp), transactions, index);
    return this.#ask(number - 1, "trace_block", request);
  }

  /** One JSON result. */
  traceCall(request: CallRequest, id: BlockId, options: TraceOptions, overrides?: CallOptions): string {
    const number = this.#number(id);
    const header = this.#chain.database.blocks.header(number);
    if (header === undefined) throw unknownBlock();
    const body = traceCallRequest(options, fromHex(header.headerRlp), request, overrides);
    return this.#ask(number, "trace_call", body);
  }

  #number(id: BlockId): number {
    this.#chain.database.refresh();
    const number = resolveBlock(this.#chain, id);
    if (number === undefined) throw unknownBlock();
    return number;
  }

  #ask(stateOf: number, name: string, request: Uint8Array): string {
    const view = this.#chain.stateAt(stateOf);
    const text = Buffer.from(this.#slot.request(view, name, request)).toString();
    this.#slot.trim();
    return text;
  }
}

const unknownBlock = (): MvmError => new MvmError("unknown-block", "There is no such block.");
