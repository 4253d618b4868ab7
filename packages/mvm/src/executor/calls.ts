import type { Address, Hex } from "viem";
import type { BlockId, BuiltBlock, CallOptions, CallRequest, MvmReader, ProofView, PureAttributes } from "../api.ts";
import { fromHex, toBigInt, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { Chain } from "../storage/chain.ts";
import type { SimulatedBlock, SimulationBlock, SimulationOptions } from "../simulation.ts";
import { readSimulation, simulationRequest } from "../wire/simulation.ts";
import { readReceipts } from "../wire/receipts.ts";
import { callRequest, l1FeeRequest, proofRequest, pureBlockRequest, sendersRequest } from "../wire/requests.ts";
import { readAccessList, readCall, readEstimate, readFee, readProof, readSenders } from "../wire/responses.ts";
import { rawList } from "../wire/raw.ts";
import { readSealed, sealedTransactions } from "../wire/sealed.ts";
import { wholeBlock } from "../wire/wholeBlock.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { resolveBlock } from "./lookup.ts";
import type { StateView } from "../storage/state.ts";

interface At {
  readonly header: Uint8Array;
  readonly view: StateView;
}

type Answer<Method extends keyof MvmReader> = MvmReader[Method] extends (...args: never[]) => infer Result
  ? Awaited<Result>
  : never;

/** What readers ask of a kernel: one snapshot of the database a request. Synchronous: it lives in a worker. */
export class Calls {
  readonly #chain: Chain;
  readonly #slot: KernelSlot;

  constructor(chain: Chain, slot: KernelSlot) {
    this.#chain = chain;
    this.#slot = slot;
  }

  call(request: CallRequest, id: BlockId, options?: CallOptions): Answer<"call"> {
    const { header, view } = this.#at(id);
    return readCall(this.#ask(view, "call", callRequest(header, request, options)));
  }

  estimateGas(request: CallRequest, id: BlockId, options?: CallOptions): Answer<"estimateGas"> {
    const { header, view } = this.#at(id);
    return readEstimate(this.#ask(view, "estimate_gas", callRequest(header, request, options)));
  }

  createAccessList(request: CallRequest, id: BlockId): Answer<"createAccessList"> {
    const { header, view } = this.#at(id);
    return readAccessList(this.#ask(view, "create_access_list", callRequest(header, request)));
  }

  l1Fee(transaction: Hex, id: BlockId): bigint {
    const { header, view } = this.#at(id);
    return readFee(this.#ask(view, "l1_fee", l1FeeRequest(header, fromHex(transaction))));
  }

  /** `undefined` when the block is unknown. `slots`: 0x hex of at most 32 bytes, given back as they are. */
  proof(address: Address, slots: readonly Hex[], id: BlockId): ProofView | undefined {
    this.#chain.database.refresh();
    if (resolveBlock(this.#chain, id) === undefined) return undefined;
    const { header, view } = this.#at(id);
    const words = slots.map((slot) => fromHex(`0x${slot.slice(2).padStart(64, "0")}`));
    const body = this.#ask(view, "proof", proofRequest(header, fromHex(address), words));
    return readProof(body, address, slots, accountView(view.account(fromHex(address))));
  }

  simulate(blocks: readonly SimulationBlock[], options: SimulationOptions, id: BlockId): SimulatedBlock[] {
    const { header, view } = this.#at(id);
    return readSimulation(this.#ask(view, "simulate", simulationRequest(header, blocks, options)), blocks);
  }

  /** Pure mode: builds a block on `parent` and keeps nothing. */
  buildBlock(attributes: PureAttributes, transactions: readonly Hex[], parent: BlockId): BuiltBlock {
    const { header, view } = this.#at(parent);
    const request = pureBlockRequest(header, attributes, transactions.map(fromHex));
    const sealed = readSealed(this.#ask(view, "execute_block", request));
    return {
      hash: toHex(sealed.hash),
      blockRlp: toHex(wholeBlock(sealed.headerRlp, sealedTransactions(sealed), attributes)),
      headerRlp: toHex(sealed.headerRlp),
      receipts: readReceipts(rawList([sealed.receiptsRlp, sealed.extrasRlp])),
      gasUsed: sealed.gasUsed,
      skipped: sealed.skipped,
    };
  }

  /** Senders in order; `undefined` where a transaction or its signature is malformed. */
  recoverSenders(transactions: readonly Hex[]): (Address | undefined)[] {
    const request = sendersRequest(transactions.map(fromHex));
    return readSenders(this.#ask(undefined, "recover_senders", request));
  }

  /**
   * Recovers the senders of signed transactions, each in RLP, for the threads that share this one's table of keys. From the last one
   * on: execution comes from the first, recovers what it needs meanwhile, and nothing is done twice up to where they meet.
   */
  prepareSenders(transactions: readonly Uint8Array[]): void {
    this.#ask(undefined, "recover_senders", rawList(transactions.toReversed()));
  }

  derive(request: Uint8Array): Uint8Array {
    return this.#ask(undefined, "derive", request);
  }

  #ask(view: StateView | undefined, name: string, request: Uint8Array): Uint8Array {
    const body = this.#slot.request(view, name, request);
    this.#slot.trim();
    return body;
  }

  #at(id: BlockId): At {
    const { database } = this.#chain;
    database.refresh();
    const number = resolveBlock(this.#chain, id);
    const header = number === undefined ? undefined : database.blocks.header(number);
    const view = number === undefined ? undefined : this.#chain.stateAt(number);
    if (header === undefined || view === undefined) throw new MvmError("unknown-block", "There is no such block.");
    return { header: fromHex(header.headerRlp), view };
  }
}

const emptyCodeHash: Hex = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
const emptyRoot: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/** A stored account, or the empty one. */
export function accountView(account: Uint8Array | undefined): {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly codeHash: Hex;
  readonly storageRoot: Hex;
} {
  if (account === undefined) return { nonce: 0n, balance: 0n, codeHash: emptyCodeHash, storageRoot: emptyRoot };
  return {
    nonce: toBigInt(account.subarray(0, 8)),
    balance: toBigInt(account.subarray(8, 40)),
    codeHash: toHex(account.subarray(40, 72)),
    storageRoot: toHex(account.subarray(72, 104)),
  };
}
