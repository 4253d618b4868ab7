import type { Generation, Hash, L2BlockNumber, Receipt } from "@metis/protocol";
import { codecs, jsonCodec, openTable, partOf } from "@metis/runtime";
import type { Store, StoreOp, Table } from "@metis/runtime";
import type { Address } from "viem";

/** A receipt that this seat has given, or may have given. */
export interface GivenReceipt extends Receipt {
  readonly sender: Address;
  readonly nonce: bigint;
}

/** The highest sequence in this seat's blocks of `generation` up to block `number`, which L1 has made final. */
export interface FinalMark {
  readonly generation: Generation;
  readonly number: L2BlockNumber;
  readonly sequence: bigint;
}

type End = Pick<Receipt, "lastBlock" | "sequence">;
type Name = Pick<Receipt, "generation" | "transactionHash">;

/** Blocks in which a receipt is in force. */
export const receiptBlocks = 256n;
/** Block numbers reserved at a time: a seat that starts again gives receipts for blocks behind them. */
const reservedBlocks = 8n;

const endCodec = {
  encode: ({ lastBlock, sequence }: End): Uint8Array =>
    Buffer.concat([codecs.uint64.encode(lastBlock), codecs.uint64.encode(sequence)]),
  decode: (bytes: Uint8Array): End => ({
    lastBlock: codecs.uint64.decode(bytes.subarray(0, 8)),
    sequence: codecs.uint64.decode(bytes.subarray(8)),
  }),
};
const nameCodec = {
  encode: ({ generation, transactionHash }: Name): Uint8Array =>
    Buffer.concat([codecs.uint64.encode(BigInt(generation)), codecs.hex.encode(transactionHash)]),
  decode: (bytes: Uint8Array): Name => ({
    generation: Number(codecs.uint64.decode(bytes.subarray(0, 8))),
    transactionHash: codecs.hex.decode(bytes.subarray(8)),
  }),
};

const keyOf = ({ generation, transactionHash }: Name): string => `${generation}/${transactionHash}`;

/** What becomes of a receipt while it is written. */
interface Giving {
  /** Called at once: from now on the receipt counts in blocks that are begun. */
  readonly known: (receipt: GivenReceipt) => void;
  /** It could not be written: there is no such receipt. */
  readonly lost: (receipt: GivenReceipt) => void;
}

/**
 * Remembers what this seat's key has promised, by the rules of docs/spec/receipts.md: `give` and `reserve` return when the record
 * survives a power cut, so a receipt or a proposal that left this process is always known to it after a restart.
 */
export class ReceiptStore {
  readonly #store: Store;
  readonly #given: Table<Name, GivenReceipt>;
  /** Names by the block where they end. */
  readonly #ends: Table<End, Name>;
  readonly #next: Table<string, bigint>;
  readonly #bounds: Table<bigint, L2BlockNumber>;
  readonly #final: Table<string, FinalMark>;
  readonly #proposed: Map<Generation, L2BlockNumber>;
  /** Receipts on their way to the disk. */
  readonly #unwritten = new Map<string, GivenReceipt>();
  #sequence: bigint;
  #count = 0;
  #batch: { readonly ops: StoreOp[]; readonly done: Promise<void> } | undefined;
  #written: Promise<void> = Promise.resolve();

  /** `signer` separates keys within one store. */
  constructor(store: Store, signer: Address) {
    this.#store = partOf(store, `receipts/${signer}`);
    this.#given = openTable<Name, GivenReceipt>(this.#store, "given", nameCodec, jsonCodec());
    this.#ends = openTable<End, Name>(this.#store, "ends", endCodec, nameCodec);
    this.#next = openTable(this.#store, "next", codecs.text, codecs.uint64);
    this.#bounds = openTable(this.#store, "bounds", codecs.uint64, codecs.uint64);
    this.#final = openTable<string, FinalMark>(this.#store, "final", codecs.text, jsonCodec());
    this.#sequence = this.#next.get("") ?? 1n;
    this.#proposed = new Map([...this.#bounds.entries()].map(([generation, number]) => [Number(generation), number]));
    for (const _ of this.#ends.entries()) this.#count++;
  }

  /** Receipts kept. */
  get count(): number {
    return this.#count;
  }

  get final(): FinalMark | undefined {
    return this.#final.get("");
  }

  /** No receipt kept is in force below this block; nothing when none is kept. */
  get oldest(): L2BlockNumber | undefined {
    const [first] = this.#ends.entries({ limit: 1 });
    let end = first?.[0].lastBlock;
    for (const { lastBlock } of this.#unwritten.values()) end = end === undefined || lastBlock < end ? lastBlock : end;
    return end === undefined ? undefined : end - receiptBlocks + 1n;
  }

  /** A receipt, on its way to the disk or there. */
  get(generation: Generation, transactionHash: Hash): GivenReceipt | undefined {
    const name = { generation, transactionHash };
    return this.#unwritten.get(keyOf(name)) ?? this.#given.get(name);
  }

  /** Receipts that are in force in block `number` or later. */
  *from(number: L2BlockNumber): Generator<GivenReceipt> {
    yield* this.#unwritten.values();
    for (const [, name] of this.#ends.entries({ from: { lastBlock: number, sequence: 0n } })) {
      const receipt = this.#given.get(name);
      if (receipt) yield receipt;
    }
  }

  /**
   * The first block after `head` that this seat has not begun to propose in `generation`. A proposal that is under way does not
   * know of a receipt given now: none binds it.
   */
  firstBlock(generation: Generation, head: L2BlockNumber): L2BlockNumber {
    const proposed = this.#proposed.get(generation) ?? 0n;
    return (proposed > head ? proposed : head) + 1n;
  }

  /** Gives the next sequence to a transaction that has no receipt of this generation. Throws what the store does. */
  async give(draft: Omit<GivenReceipt, "sequence" | "lastBlock">, { known, lost }: Giving): Promise<GivenReceipt> {
    const receipt = { ...draft, sequence: this.#sequence++, lastBlock: draft.firstBlock + receiptBlocks - 1n };
    this.#count++;
    this.#unwritten.set(keyOf(receipt), receipt);
    known(receipt);
    try {
      await this.#write([
        this.#given.put(receipt, receipt),
        this.#ends.put(receipt, receipt),
        this.#next.put("", receipt.sequence + 1n),
      ]);
    } catch (error) {
      this.#count--;
      lost(receipt);
      throw error;
    } finally {
      this.#unwritten.delete(keyOf(receipt));
    }
    return receipt;
  }

  /** Notes that this seat begins to propose block `number`: from the call on, no new receipt binds it. */
  async reserve(generation: Generation, number: L2BlockNumber): Promise<void> {
    if (number > (this.#proposed.get(generation) ?? 0n)) this.#proposed.set(generation, number);
    const reserved = this.#bounds.get(BigInt(generation)) ?? 0n;
    if (reserved < number) await this.#write([this.#bounds.put(BigInt(generation), number + reservedBlocks - 1n)]);
  }

  /** Forgets receipts that end at or below `mark.number`, which L1 has made final. */
  async forget(mark: FinalMark): Promise<void> {
    const ended = [...this.#ends.entries({ to: { lastBlock: mark.number + 1n, sequence: 0n } })];
    await this.#write([
      this.#final.put("", mark),
      ...ended.flatMap(([end, name]) => [this.#ends.delete(end), this.#given.delete(name)]),
    ]);
    this.#count -= ended.length;
  }

  /** One batch is on its way to the disk at a time and the next one gathers meanwhile. */
  #write(ops: readonly StoreOp[]): Promise<void> {
    this.#batch ??= this.#nextBatch();
    this.#batch.ops.push(...ops);
    return this.#batch.done;
  }

  #nextBatch(): { readonly ops: StoreOp[]; readonly done: Promise<void> } {
    const ops: StoreOp[] = [];
    const done = this.#written.then(() => {
      this.#batch = undefined;
      return this.#store.write(ops);
    });
    this.#written = done.catch(() => undefined);
    return { ops, done };
  }
}
