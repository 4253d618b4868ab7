import type { BlockRef, BlockView } from "@metis/mvm";
import { encodeRlp } from "@metis/protocol";
import type { BlockInputs, Hash, L2BlockNumber, RlpInput, SignedTransaction } from "@metis/protocol";
import { MemoryStore } from "@metis/runtime";
import type { Store, StoreOp } from "@metis/runtime";
import { bytesToHex, numberToHex, zeroHash } from "viem";
import type { Address, Hex } from "viem";
import type { PooledTransaction } from "../mempool/api.ts";
import { byArrival } from "../mempool/order.ts";
import { brokenOrders } from "./evidence.ts";
import type { BrokenOrder } from "./evidence.ts";
import { ReceiptIssuer } from "./issuer.ts";
import { ReceiptOrder } from "./order.ts";
import type { SignedReceipt } from "./signed.ts";
import { ReceiptStore } from "./store.ts";

export const self: Address = "0x00000000000000000000000000000000000000a1";
const other: Address = "0x00000000000000000000000000000000000000b2";
const nonces = 4;

export interface Transaction {
  readonly hash: Hash;
  readonly sender: Address;
  readonly nonce: bigint;
}

/** Transaction `index`: four nonces of each sender. */
export const transaction = (index: number): Transaction => ({
  hash: numberToHex(index + 1, { size: 32 }),
  sender: numberToHex(0x1000 + Math.floor(index / nonces), { size: 20 }),
  nonce: BigInt(index % nonces),
});

interface Block extends BlockRef {
  readonly parent: Hash;
  readonly proposer: Address;
  readonly generation: number;
  readonly transactions: readonly Transaction[];
}

/** A disk that keeps what was written only from the next `sync` on. */
class SlowDisk implements Store {
  readonly memory: MemoryStore;
  #waiting: { readonly ops: readonly StoreOp[]; readonly done: () => void }[] = [];

  constructor(memory: MemoryStore) {
    this.memory = memory;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.memory.get(key);
  }

  entries(range?: Parameters<Store["entries"]>[0]): ReturnType<Store["entries"]> {
    return this.memory.entries(range);
  }

  write(ops: readonly StoreOp[]): Promise<void> {
    return new Promise((done) => this.#waiting.push({ ops, done }));
  }

  async sync(): Promise<void> {
    for (const { ops, done } of this.#waiting.splice(0)) {
      await this.memory.write(ops);
      done();
    }
  }

  async close(): Promise<void> {}
}

/**
 * One honest seat with the real store, order and issuer, on a chain that others also build: blocks are proposed, decided, lost,
 * taken back and brought back, and the machine crashes between any two steps.
 */
export class HonestSeat {
  readonly chain: Block[] = [];
  /** Every receipt that left the seat. */
  readonly left: SignedReceipt[] = [];
  generation = 0;
  finalized: L2BlockNumber = 0n;
  /** Receipts' transactions in own blocks while they were in force, over all. */
  kept = 0;
  #disk = new SlowDisk(new MemoryStore());
  #pool = new Map<Hash, PooledTransaction>();
  readonly #nonces = new Map<Address, bigint>();
  #arrivals = 0;
  #blocks = 0;
  #order: ReceiptOrder;
  #issuer: ReceiptIssuer;
  /** Proposals that others may still decide. */
  #proposals: Block[] = [];
  #takenBack: Block[] = [];

  constructor() {
    [this.#order, this.#issuer] = this.#boot();
    this.#append(self, []);
  }

  get head(): Block | undefined {
    return this.chain.at(-1);
  }

  /** Every way to prove, by the chain of now, that this seat broke its word. */
  get evidence(): readonly BrokenOrder[] {
    const blocks = this.chain.map(({ transactions, ...block }) => ({
      ...block,
      transactionHashes: transactions.map(({ hash }) => hash),
    }));
    return brokenOrders(this.left, blocks);
  }

  /** A transaction comes into the pool, by a user or a member, if it can. */
  send(index: number): void {
    const { hash, sender, nonce } = transaction(index);
    if (this.#pool.has(hash) || nonce < this.#nonceOf(sender)) return;
    const signed = { type: 2, nonce, maxFeePerGas: 100n } as SignedTransaction;
    const arrival = this.#arrivals++;
    this.#pool.set(hash, { hash, raw: hash, sender, transaction: signed, size: 1, arrival, addedAt: 0, cost: 1n });
  }

  /** Asks for a receipt. It leaves the seat when the disk has it, unless the machine crashes before. */
  ask(index: number): void {
    this.send(index);
    const order = this.#order;
    const leave = (receipt: SignedReceipt): unknown => order === this.#order && this.left.push(receipt);
    this.#issuer
      .give(transaction(index).hash)
      .then(leave)
      .catch(() => undefined);
  }

  sync(): Promise<void> {
    return this.#disk.sync();
  }

  /** Makes a proposal on the head, with whatever of the offer `fits`; receipts are given while it is made. */
  async propose(fits: (place: number) => boolean, meanwhile: number): Promise<void> {
    const order = this.#order;
    const prepared = order.prepare().then(() => true);
    while (!(await Promise.race([prepared, turn()]))) await this.sync();
    this.ask(meanwhile);
    await turn();
    const passedOver = new Set<Address>();
    const taken: PooledTransaction[] = [];
    for (const [place, candidate] of [...order.pending()].entries()) {
      if (passedOver.has(candidate.sender)) continue;
      if (fits(place)) taken.push(candidate);
      else passedOver.add(candidate.sender);
    }
    const inputs = { transactions: taken.map(({ raw }) => raw) } as unknown as BlockInputs;
    if (!order.isKeptBy(inputs)) throw new Error("what was offered breaks the order");
    this.#proposals.push(
      this.#block(
        self,
        taken.map(({ hash, sender, transaction: { nonce } }) => ({ hash, sender, nonce })),
      ),
    );
  }

  /** One of the seat's proposals on the head is decided. */
  decide(choice: number): void {
    const fitting = this.#proposals.filter(({ parent }) => parent === this.head?.hash);
    const block = fitting[choice % Math.max(1, fitting.length)];
    if (!block) return;
    this.#put(block);
  }

  /** Another member's block. */
  otherBlock(wanted: readonly number[]): void {
    const next = new Map<Address, bigint>();
    const fitting = wanted.map(transaction).filter(({ sender, nonce }) => {
      const due = next.get(sender) ?? this.#nonceOf(sender);
      if (nonce !== due) return false;
      next.set(sender, due + 1n);
      return true;
    });
    this.#append(other, fitting);
  }

  /** Members' blocks without transactions. */
  idle(count: number): void {
    for (let left = count; left > 0; left--) this.#append(other, []);
  }

  /** Blocks above the finalized one go; they may come back. */
  rewind(count: number): void {
    const most = Number((this.head?.number ?? 0n) - this.finalized);
    const gone = this.chain.splice(this.chain.length - Math.min(count, most));
    this.#countNonces(gone, -1n);
    if (gone.length > 0) this.#takenBack = gone;
    for (const { transactions } of gone) for (const { hash } of transactions) this.send(Number(BigInt(hash)) - 1);
  }

  bringBack(): void {
    for (const block of this.#takenBack) if (block.parent === this.head?.hash) this.#put(block);
  }

  /** The process ends; what was not synced, the pool, and every answer under way are gone. */
  crash(): void {
    this.#disk = new SlowDisk(this.#disk.memory.reopened());
    this.#pool.clear();
    [this.#order, this.#issuer] = this.#boot();
  }

  finalize(behind: number): void {
    const number = (this.head?.number ?? 0n) - BigInt(behind);
    if (number > this.finalized) this.finalized = number;
  }

  #boot(): [ReceiptOrder, ReceiptIssuer] {
    const store = new ReceiptStore(this.#disk, self);
    const reader = { head: () => this.head ?? { number: 0n, hash: zeroHash }, block: (at: bigint) => this.#view(at) };
    const mempool = {
      get: (hash: Hash) => this.#pool.get(hash),
      pending: () => byArrival([...this.#runs().values()]),
      pendingNonce: (sender: Address) => (this.#runs().get(sender)?.at(-1)?.transaction.nonce ?? -1n) + 1n,
      drop: (hash: Hash) => void this.#pool.delete(hash),
    };
    const order = new ReceiptOrder({
      self,
      store,
      reader,
      mempool,
      generation: () => this.generation,
      finalized: () => this.finalized,
    });
    const signer = { address: self, sign: async (): Promise<Hex> => "0x" };
    const domain = { name: "", version: "", chainId: 1n, verifyingContract: self, salt: zeroHash };
    return [order, new ReceiptIssuer({ signer, domain, order, store, mempool, reader, leads: () => true })];
  }

  /** Executable transactions of each sender. */
  #runs(): Map<Address, PooledTransaction[]> {
    const runs = new Map<Address, PooledTransaction[]>();
    const all = [...this.#pool.values()].toSorted((a, b) => (a.transaction.nonce < b.transaction.nonce ? -1 : 1));
    for (const entry of all) {
      const run = runs.get(entry.sender) ?? [];
      if (entry.transaction.nonce === this.#nonceOf(entry.sender) + BigInt(run.length)) run.push(entry);
      if (run.length > 0) runs.set(entry.sender, run);
    }
    return runs;
  }

  #nonceOf(sender: Address): bigint {
    return this.#nonces.get(sender) ?? 0n;
  }

  #countNonces(blocks: readonly Block[], by: bigint): void {
    for (const { transactions } of blocks)
      for (const { sender } of transactions) this.#nonces.set(sender, this.#nonceOf(sender) + by);
  }

  #append(proposer: Address, transactions: readonly Transaction[]): void {
    this.#put(this.#block(proposer, transactions));
  }

  #put(block: Block): void {
    this.chain.push(block);
    this.#countNonces([block], 1n);
    for (const { hash } of block.transactions) {
      this.#pool.delete(hash);
      const inForce = this.left.some(
        ({ receipt }) => receipt.transactionHash === hash && receipt.firstBlock <= block.number,
      );
      if (block.proposer === self && inForce) this.kept++;
    }
  }

  #block(proposer: Address, transactions: readonly Transaction[]): Block {
    const { generation } = this;
    const hash = numberToHex(0x10_0000 + this.#blocks++, { size: 32 });
    const number = (this.head?.number ?? 0n) + 1n;
    return { number, hash, parent: this.head?.hash ?? zeroHash, proposer, generation, transactions };
  }

  async #view(number: L2BlockNumber): Promise<BlockView | undefined> {
    const block = this.chain[Number(number) - 1];
    if (!block) return undefined;
    const { hash, parent, proposer, generation, transactions } = block;
    return {
      number,
      hash,
      headerRlp: bytesToHex(encodeRlp(headerFields(parent, number))),
      inputs: { proposer, generation } as BlockInputs,
      transactionHashes: transactions.map((item) => item.hash),
    } as unknown as BlockView;
  }
}

/** Lets everything that is due run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const headerFields = (parent: Hash, number: bigint): RlpInput[] => [
  parent,
  zeroHash,
  self,
  zeroHash,
  zeroHash,
  zeroHash,
  `0x${"00".repeat(256)}`,
  0n,
  number,
  0n,
  0n,
  0n,
  "0x",
  zeroHash,
  "0x0000000000000000",
];
