import type { BlockRef } from "@metis/mvm";
import type { Generation, L2BlockNumber } from "@metis/protocol";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Store, StoreOp } from "@metis/runtime";
import type { CutBatch, DerivedBatch, Divergence, SignedBlock } from "./records.ts";

interface Marks {
  readonly signed?: BlockRef;
  readonly finalizedBatch?: bigint;
  /** Signing stands still in this generation. */
  readonly halted?: Divergence;
  /** Highest generation of which L1 dropped blocks that this node held. */
  readonly left?: Generation;
}

/** Certificates of so many blocks below the signed head are kept. */
const keptCertificates = 100_000n;

/** What the node remembers beside blocks and state: certificates, batches cut and derived, divergences. */
export class ChainStore {
  readonly #store: Store;
  readonly #marks;
  readonly #certificates;
  readonly #cut;
  readonly #derived;
  readonly #evidence;
  /** As the tables have them: asked for at every turn. */
  #marksNow: Marks | undefined;
  #lastDerived: { readonly batch: DerivedBatch | undefined } | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#marks = openTable(store, "marks", codecs.text, jsonCodec<Marks[keyof Marks]>());
    this.#certificates = openTable(store, "certificates", codecs.uint64, jsonCodec<SignedBlock>());
    this.#cut = openTable(store, "cut", codecs.uint64, jsonCodec<CutBatch>());
    this.#derived = openTable(store, "derived", codecs.uint64, jsonCodec<DerivedBatch>());
    this.#evidence = openTable(store, "evidence", codecs.text, jsonCodec<SignedBlock | CutBatch>());
  }

  marks(): Marks {
    return (this.#marksNow ??= Object.fromEntries(this.#marks.entries()));
  }

  async setMarks(change: Partial<Marks>): Promise<void> {
    await this.#writeMarks(this.#markOps(change));
  }

  /** Writes what may hold marks. */
  async #writeMarks(ops: readonly StoreOp[]): Promise<void> {
    await this.#store.write(ops);
    this.#marksNow = undefined;
  }

  certificate(number: L2BlockNumber): SignedBlock | undefined {
    return this.#certificates.get(number);
  }

  /** Writes a block's certificate and moves the signed mark up to it. */
  async putSigned(block: BlockRef, signed: SignedBlock): Promise<void> {
    const isHighest = block.number >= (this.marks().signed?.number ?? 0n);
    const ops = [this.#certificates.put(block.number, signed), ...(isHighest ? this.#markOps({ signed: block }) : [])];
    if (block.number > keptCertificates) ops.push(this.#certificates.delete(block.number - keptCertificates));
    await this.#writeMarks(ops);
  }

  cut(batchIndex: bigint): CutBatch | undefined {
    return this.#cut.get(batchIndex);
  }

  lastCut(): CutBatch | undefined {
    const [last] = this.#cut.entries({ reverse: true, limit: 1 });
    return last?.[1];
  }

  async putCut(batch: CutBatch): Promise<void> {
    await this.#store.write([this.#cut.put(batch.header.batchIndex, batch)]);
  }

  derived(batchIndex: bigint): DerivedBatch | undefined {
    return this.#derived.get(batchIndex);
  }

  lastDerived(): DerivedBatch | undefined {
    this.#lastDerived ??= { batch: [...this.#derived.entries({ reverse: true, limit: 1 })][0]?.[1] };
    return this.#lastDerived.batch;
  }

  /** The derived batch that holds block `number`. */
  derivedOf(number: L2BlockNumber): DerivedBatch | undefined {
    let low = 0n;
    let high = this.lastDerived()?.header.batchIndex ?? 0n;
    while (low <= high) {
      const middle = (low + high) / 2n;
      const batch = this.#derived.get(middle);
      // A node that began with a snapshot has no batches below it.
      if (!batch || number > batch.lastBlock) low = middle + 1n;
      else if (number < batch.firstBlock) high = middle - 1n;
      else return batch;
    }
    return undefined;
  }

  async putDerived(batch: DerivedBatch): Promise<void> {
    await this.#store.write([this.#derived.put(batch.header.batchIndex, batch)]);
    this.#lastDerived = undefined;
  }

  /** Forgets derived batches from `batchIndex` on: L1 took them back. */
  async dropDerived(batchIndex: bigint): Promise<void> {
    const ops = [...this.#derived.entries({ from: batchIndex })].map(([index]) => this.#derived.delete(index));
    await this.#store.write(ops);
    this.#lastDerived = undefined;
  }

  /**
   * Moves certificates above `head` and cut batches that reach above it to the evidence; `head` is the signed one from then on. To be
   * called before blocks are taken back: a mark above the chain's head would in time name a block that other blocks replaced.
   */
  async setAside(head: BlockRef, generation: Generation, firstBatch: bigint): Promise<void> {
    const ops = this.#markOps({ signed: head });
    for (const [height, signed] of this.#certificates.entries({ from: head.number + 1n })) {
      ops.push(this.#evidence.put(`block/${generation}/${height}`, signed), this.#certificates.delete(height));
    }
    for (const [index, batch] of this.#cut.entries({ from: firstBatch })) {
      ops.push(this.#evidence.put(`batch/${generation}/${index}`, batch), this.#cut.delete(index));
    }
    await this.#writeMarks(ops);
  }

  /** Certificates and batches that L1 contradicted, kept for whoever asks. */
  *evidence(): Generator<readonly [string, SignedBlock | CutBatch]> {
    yield* this.#evidence.entries();
  }

  /** A record for each mark: writers of different marks do not know of each other. */
  #markOps(change: Partial<Marks>): StoreOp[] {
    return Object.entries(change).map(([name, value]) => this.#marks.put(name, value as Marks[keyof Marks]));
  }
}
