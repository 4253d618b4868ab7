import type { BlockId, CallOptions, CallRequest } from "../api.ts";
import { fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import type { Chain } from "../storage/chain.ts";
import type { TraceOptions } from "../tracing.ts";
import { jsonItems, traceBlockRequest, traceCallRequest } from "../wire/tracing.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { resolveBlock } from "./lookup.ts";

/** Traces as JSON text, for whoever asked to parse or to pass on. Synchronous: it lives in a worker. */
export class Traces {
  readonly #chain: Chain;
  readonly #slot: KernelSlot;

  constructor(chain: Chain, slot: KernelSlot) {
    this.#chain = chain;
    this.#slot = slot;
  }

  /** A list of `{txHash, result}`. The block's transactions run again on its parent's state. */
  traceBlock(id: BlockId, options: TraceOptions): string {
    const block = this.#block(id);
    const results = jsonItems(this.#results(block, options));
    return `[${results.map((result, i) => `{"txHash":"${block.transactionHashes[i]}","result":${result}}`).join(",")}]`;
  }

  /** The result of the transaction at `index` of the block. */
  traceTransaction(id: BlockId, options: TraceOptions, index: number): string {
    return jsonItems(this.#results(this.#block(id), options, index))[0]!;
  }

  /** One JSON result. */
  traceCall(request: CallRequest, id: BlockId, options: TraceOptions, overrides?: CallOptions): string {
    const number = this.#number(id);
    const header = this.#chain.database.blocks.header(number);
    if (header === undefined) throw unknownBlock();
    const body = traceCallRequest(options, fromHex(header.headerRlp), request, overrides);
    return this.#ask(number, "trace_call", body);
  }

  #block(id: BlockId): StoredBlock {
    const number = this.#number(id);
    const block = this.#chain.database.blocks.block(number);
    if (block === undefined) throw unknownBlock();
    if (number === 0) throw new MvmError("genesis-not-traceable", "genesis is not traceable");
    return block;
  }

  /** A list of results; `index`: of one transaction alone. */
  #results({ number, headerRlp, transactions }: StoredBlock, options: TraceOptions, index?: number): string {
    const request = traceBlockRequest(options, fromHex(headerRlp), transactions.map(fromHex), index);
    return this.#ask(number - 1, "trace_block", request);
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
