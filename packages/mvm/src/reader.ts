import type { Hash, L2BlockNumber } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type {
  AccountView,
  BlockId,
  BlockRef,
  BlockView,
  CallOptions,
  CallRequest,
  MvmReader,
  PureAttributes,
  ReceiptView,
} from "./api.ts";
import { fromHex, padStart, toHex } from "./bytes.ts";
import { accountView } from "./executor/calls.ts";
import { resolveBlock } from "./executor/lookup.ts";
import type { ReaderPool } from "./executor/pool.ts";
import type { Chain } from "./storage/chain.ts";
import type { SimulationBlock, SimulationOptions } from "./simulation.ts";
import { damaged } from "./storage/file.ts";
import type { StateView } from "./storage/state.ts";
import type { ExecutionWitness } from "./witness/index.ts";
import type { TraceOptions, TraceResult, TransactionTrace } from "./tracing.ts";
import { readReceipts } from "./wire/receipts.ts";

const maxHeaders = 4096;
const maxRecent = 8;

/**
 * Reads of one process: what lies in the database is looked up at once (microseconds), what needs the kernel goes to
 * the workers of `pool`.
 */
export class DatabaseReader implements MvmReader {
  readonly #chain: Chain;
  readonly #pool: ReaderPool;
  /** Blocks read last, by hash: the newest few are asked for by everybody that follows the head. */
  readonly #recent = new Map<Hash, BlockView>();

  constructor(chain: Chain, pool: ReaderPool) {
    this.#chain = chain;
    this.#pool = pool;
  }

  head(): BlockRef {
    this.#chain.database.refresh();
    const { number, hash } = this.#chain.head;
    return { number: BigInt(number), hash };
  }

  oldest(): ReturnType<MvmReader["oldest"]> {
    const { database } = this.#chain;
    database.refresh();
    return { block: BigInt(database.blocks.oldest), state: BigInt(database.oldestState) };
  }

  async block(id: BlockId): Promise<BlockView | undefined> {
    const number = this.#resolve(id);
    const { blocks } = this.#chain.database;
    const hash = number === undefined ? undefined : blocks.hash(number);
    return hash && (this.#recent.get(toHex(hash)) ?? this.#read(number!));
  }

  #read(number: number): BlockView | undefined {
    const stored = this.#chain.database.blocks.block(number);
    const block = stored && { ...stored, number: BigInt(number) };
    if (block) this.#recent.set(block.hash, block);
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined && this.#recent.size > maxRecent) this.#recent.delete(oldest);
    return block;
  }

  async headers(
    from: L2BlockNumber,
    to: L2BlockNumber,
  ): Promise<readonly { readonly hash: Hash; readonly headerRlp: Hex }[]> {
    this.#chain.database.refresh();
    const found: { hash: Hash; headerRlp: Hex }[] = [];
    for (let number = Number(from); number <= Number(to) && found.length < maxHeaders; number++) {
      const header = this.#chain.database.blocks.header(number);
      if (header === undefined) break;
      found.push({ hash: header.hash, headerRlp: header.headerRlp });
    }
    return found;
  }

  async receipts(id: BlockId): Promise<readonly ReceiptView[] | undefined> {
    return (await this.keptReceipts(id))?.();
  }

  async keptReceipts(id: BlockId): Promise<(() => readonly ReceiptView[]) | undefined> {
    const number = this.#resolve(id);
    const { blocks, path } = this.#chain.database;
    const row = number === undefined ? undefined : blocks.receipts(number);
    if (row === undefined) return undefined;
    return () => {
      try {
        return readReceipts(row);
      } catch (error) {
        throw damaged(path, `the receipts of block ${number} are not what was written`, error);
      }
    };
  }

  async transaction(hash: Hash): Promise<{ readonly block: BlockRef; readonly index: number } | undefined> {
    const { database } = this.#chain;
    database.refresh();
    const place = database.blocks.transaction(fromHex(hash));
    const header = place && database.blocks.header(place.number);
    return place && header && { block: { number: BigInt(place.number), hash: header.hash }, index: place.index };
  }

  async account(address: Address, id: BlockId): Promise<AccountView | undefined> {
    const view = this.#state(id);
    return view && accountView(view.account(fromHex(address)));
  }

  async code(address: Address, id: BlockId): Promise<Hex | undefined> {
    const view = this.#state(id);
    if (view === undefined) return undefined;
    const account = view.account(fromHex(address));
    const code = account && view.code(fromHex(accountView(account).codeHash));
    return code === undefined ? "0x" : toHex(code);
  }

  async storage(address: Address, slot: Hash, id: BlockId): Promise<Hash | undefined> {
    const view = this.#state(id);
    if (view === undefined) return undefined;
    return toHex(padStart(view.storage(fromHex(address), fromHex(slot)) ?? new Uint8Array(), 32));
  }

  proof(address: Address, slots: readonly Hex[], id: BlockId): ReturnType<MvmReader["proof"]> {
    return this.#pool.call("proof", address.toLowerCase(), slots, id);
  }

  call(request: CallRequest, id: BlockId, options?: CallOptions): ReturnType<MvmReader["call"]> {
    return this.#pool.call("call", request, id, options);
  }

  estimateGas(request: CallRequest, id: BlockId, options?: CallOptions): ReturnType<MvmReader["estimateGas"]> {
    return this.#pool.call("estimateGas", request, id, options);
  }

  createAccessList(request: CallRequest, id: BlockId): ReturnType<MvmReader["createAccessList"]> {
    return this.#pool.call("createAccessList", request, id);
  }

  l1Fee(transaction: Hex, id: BlockId): Promise<bigint> {
    return this.#pool.call("l1Fee", transaction, id);
  }

  simulate(
    blocks: readonly SimulationBlock[],
    options: SimulationOptions,
    id: BlockId,
  ): ReturnType<MvmReader["simulate"]> {
    return this.#pool.call("simulate", blocks, options, id);
  }

  buildBlock(
    attributes: PureAttributes,
    transactions: readonly Hex[],
    parent: BlockId,
  ): ReturnType<MvmReader["buildBlock"]> {
    return this.#pool.call("buildBlock", attributes, transactions, parent);
  }

  async traceBlock(id: BlockId, options: TraceOptions, index?: number): ReturnType<MvmReader["traceBlock"]> {
    const block = await this.block(id);
    const text = block && (await this.traceText({ hash: block.hash }, options, index));
    if (block === undefined || text === undefined) return undefined;
    if (index === undefined) return JSON.parse(text) as readonly TransactionTrace[];
    return [{ txHash: block.transactionHashes[index]!, result: JSON.parse(text) as TraceResult }];
  }

  async traceText(id: BlockId, options: TraceOptions, index?: number): ReturnType<MvmReader["traceText"]> {
    const block = await this.block(id);
    if (block === undefined) return undefined;
    const { hash } = block;
    if (index === undefined) return this.#pool.call("traceBlock", { hash }, options);
    return this.#pool.call("traceTransaction", { hash }, options, index);
  }

  async traceCall(...given: Parameters<MvmReader["traceCall"]>): Promise<TraceResult> {
    return JSON.parse(await this.traceCallText(...given));
  }

  traceCallText(
    request: CallRequest,
    id: BlockId,
    options: TraceOptions,
    overrides?: CallOptions,
  ): ReturnType<MvmReader["traceCallText"]> {
    return this.#pool.call("traceCall", request, id, options, overrides);
  }

  async executionWitness(id: BlockId): Promise<ExecutionWitness | undefined> {
    const text = await this.executionWitnessText(id);
    return text === undefined ? undefined : (JSON.parse(text) as ExecutionWitness);
  }

  async executionWitnessText(id: BlockId): Promise<string | undefined> {
    const block = await this.block(id);
    return block && this.#pool.call("executionWitness", { hash: block.hash });
  }

  recoverSenders(transactions: readonly Hex[]): Promise<readonly (Address | undefined)[]> {
    return this.#pool.call("recoverSenders", transactions);
  }

  #resolve(id: BlockId): number | undefined {
    this.#chain.database.refresh();
    return resolveBlock(this.#chain, id);
  }

  #state(id: BlockId): StateView | undefined {
    const number = this.#resolve(id);
    return number === undefined ? undefined : this.#chain.stateAt(number);
  }
}
