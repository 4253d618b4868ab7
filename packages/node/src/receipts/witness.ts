import type { Generation, Hash, L2BlockNumber } from "@metis/protocol";
import type { Address } from "viem";
import { isBound } from "./evidence.ts";
import type { BrokenOrder, Inclusion, OrderedBlock } from "./evidence.ts";
import type { SignedReceipt } from "./signed.ts";
import { receiptBlocks } from "./store.ts";

export interface OrderWitnessOptions {
  /** A block that L1 has made final. */
  readonly block: (number: L2BlockNumber) => Promise<OrderedBlock | undefined>;
  /** Where a transaction is, if anywhere. */
  readonly find: (hash: Hash) => Promise<L2BlockNumber | undefined>;
  readonly finalized: () => L2BlockNumber;
}

/** Receipts kept at most, of all signers; more are not heard. */
const maxReceipts = 250_000;
/** Blocks behind the last one looked at in which inclusions are remembered: two ranges of receipts. */
const rememberedBlocks = 2n * receiptBlocks;

/** What was heard and seen of one key in one generation. */
interface Line {
  readonly byTransaction: Map<Hash, SignedReceipt[]>;
  readonly bySequence: Map<bigint, SignedReceipt>;
  /** Its inclusions in remembered blocks, in no order; the one with the highest sequence. */
  included: Inclusion[];
  highest: Inclusion | undefined;
}

/**
 * Compares all receipts that this node hears of with the final blocks, and finds every leader that broke its order
 * (docs/spec/receipts.md, "Evidence"). Receipts are heard before or after the blocks. Nothing here survives a restart: other members
 * have heard them, too.
 */
export class OrderWitness {
  readonly #options: OrderWitnessOptions;
  readonly #lines = new Map<string, Line>();
  readonly #found: BrokenOrder[] = [];
  #late: SignedReceipt[] = [];
  #looked: L2BlockNumber;
  #count = 0;

  constructor(options: OrderWitnessOptions) {
    this.#options = options;
    this.#looked = options.finalized();
  }

  /** Receipts kept. */
  get count(): number {
    return this.#count;
  }

  /** `signed` is its signer's indeed; who it is does not matter here. */
  hear(signed: SignedReceipt): void {
    const { transactionHash, sequence, firstBlock, lastBlock } = signed.receipt;
    if (this.#count >= maxReceipts || lastBlock + rememberedBlocks <= this.#looked) return;
    const line = this.#lineOf(signed);
    const heard = line.byTransaction.get(transactionHash) ?? [];
    if (heard.some(({ receipt }) => receipt.sequence === sequence && receipt.firstBlock === firstBlock)) return;
    const first = line.bySequence.get(sequence) ?? signed;
    if (first.receipt.transactionHash !== transactionHash)
      this.#found.push({ kind: "sequence-twice", first, second: signed });
    line.bySequence.set(sequence, first);
    line.byTransaction.set(transactionHash, [...heard, signed]);
    this.#count++;
    if (firstBlock <= this.#looked) this.#late.push(signed);
  }

  /** Looks at the blocks that have become final. Returns what was found since the last call. */
  async look(signal: AbortSignal): Promise<readonly BrokenOrder[]> {
    await this.#lookBack();
    const { finalized, block } = this.#options;
    // Nobody has promised anything for these blocks.
    if (this.#count === 0 && this.#looked < finalized()) this.#looked = finalized();
    while (this.#looked < finalized() && !signal.aborted) {
      const next = await block(this.#looked + 1n);
      if (!next) break;
      this.#see(next);
      this.#looked = next.number;
      if (next.number % receiptBlocks === 0n) this.#forget();
    }
    return this.#found.splice(0);
  }

  /** Receipts whose blocks were looked at before they were heard. */
  async #lookBack(): Promise<void> {
    const { find, block } = this.#options;
    while (this.#late.length > 0) {
      const signed = this.#late[0]!;
      const number = await find(signed.receipt.transactionHash);
      const within = number !== undefined && number <= this.#looked ? await block(number) : undefined;
      const index = within?.transactionHashes.indexOf(signed.receipt.transactionHash) ?? -1;
      if (within && index >= 0) this.#place(within, index, signed);
      this.#late.shift();
    }
  }

  #see(block: OrderedBlock): void {
    const line = this.#lines.get(nameOf(block.generation, block.proposer));
    if (!line) return;
    for (const [index, hash] of block.transactionHashes.entries())
      for (const signed of line.byTransaction.get(hash) ?? []) this.#place(block, index, signed);
  }

  #place(block: OrderedBlock, index: number, signed: SignedReceipt): void {
    if (!isBound(signed, block)) return;
    const line = this.#lineOf(signed);
    const placed: Inclusion = { receipt: signed, number: block.number, index };
    const { highest } = line;
    // What comes last can only have been passed by what was there before.
    const isLast = block.number > this.#looked;
    const other = isLast ? highest : line.included.find((seen) => contradict(seen, placed));
    if (other && contradict(other, placed)) this.#found.push(overtaken(other, placed));
    line.included.push(placed);
    if (!highest || sequenceOf(placed) > sequenceOf(highest)) line.highest = placed;
  }

  #lineOf({ receipt, signer }: SignedReceipt): Line {
    const name = nameOf(receipt.generation, signer);
    const line = this.#lines.get(name) ?? newLine();
    this.#lines.set(name, line);
    return line;
  }

  #forget(): void {
    this.#count = 0;
    for (const [name, line] of this.#lines) {
      const isOver = ({ receipt }: SignedReceipt): boolean => receipt.lastBlock + rememberedBlocks <= this.#looked;
      for (const [hash, heard] of line.byTransaction) {
        const kept = heard.filter((signed) => !isOver(signed));
        if (kept.length > 0) line.byTransaction.set(hash, kept);
        else line.byTransaction.delete(hash);
        this.#count += kept.length;
      }
      for (const [sequence, signed] of line.bySequence) if (isOver(signed)) line.bySequence.delete(sequence);
      line.included = line.included.filter(({ number }) => number + rememberedBlocks > this.#looked);
      line.highest = line.included.reduce<Inclusion | undefined>(higher, undefined);
      if (line.byTransaction.size === 0) this.#lines.delete(name);
    }
  }
}

const nameOf = (generation: Generation, signer: Address): string => `${generation}/${signer}`;

const newLine = (): Line => ({ byTransaction: new Map(), bySequence: new Map(), included: [], highest: undefined });

const sequenceOf = ({ receipt }: Inclusion): bigint => receipt.receipt.sequence;

const higher = (a: Inclusion | undefined, b: Inclusion): Inclusion => (a && sequenceOf(a) > sequenceOf(b) ? a : b);

const isBefore = (a: Inclusion, b: Inclusion): boolean =>
  a.number < b.number || (a.number === b.number && a.index < b.index);

const contradict = (a: Inclusion, b: Inclusion): boolean =>
  (isBefore(a, b) && sequenceOf(a) > sequenceOf(b)) || (isBefore(b, a) && sequenceOf(b) > sequenceOf(a));

const overtaken = (a: Inclusion, b: Inclusion): BrokenOrder =>
  sequenceOf(a) < sequenceOf(b)
    ? { kind: "overtaken", earlier: a, later: b }
    : { kind: "overtaken", earlier: b, later: a };
