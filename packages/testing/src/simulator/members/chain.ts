import { decodeBlockInputs, encodeBlockInputs, encodeRlp, inputsLeaf, zeroAddress, zeroHash } from "@metis/protocol";
import type { BlockInputs, Hash, L2BlockNumber } from "@metis/protocol";
import { codecs, openTable } from "@metis/runtime";
import type { Store } from "@metis/runtime";
import { MvmError } from "@metis/mvm";
import type { BlockBuilder, BlockContext, BlockRef, BlockView, ExecutedBlock, Mvm, MvmReader } from "@metis/mvm";
import { nextCountedBlockSlot } from "@metis/node/sequencer";
import { keccak256, numberToHex, toHex } from "viem";
import type { Hex } from "viem";
import { countedAfter } from "./attendance.ts";
import { beginning, textHash } from "./l1.ts";

const noBloom: Hex = `0x${"00".repeat(256)}`;
const gasLimit = 30_000_000n;

/** A header whose state root chains all inputs so far: whoever executed anything else has another hash. */
function headerOf(number: L2BlockNumber, parentHash: Hash, time: bigint, stateRoot: Hash): Hex {
  const roots = [parentHash, zeroHash, zeroAddress, stateRoot, zeroHash, zeroHash, noBloom];
  const numbers = [0n, number, gasLimit, gasLimit / 2n, time];
  return toHex(encodeRlp([...roots, ...numbers, new Uint8Array(), zeroHash, `0x${"00".repeat(8)}`, 7n]));
}

/** A block, and below which number blocks are counted in its state. */
type ModelBlock = ExecutedBlock & BlockView & { readonly counted: L2BlockNumber };

type ModelParent = Pick<ModelBlock, "number" | "hash" | "stateRoot" | "counted">;

function blockOf(parent: ModelParent, inputs: BlockInputs): ModelBlock {
  const stateRoot = textHash("state", parent.stateRoot, inputsLeaf(inputs));
  const headerRlp = headerOf(inputs.number, parent.hash, inputs.time, stateRoot);
  const hash = keccak256(headerRlp);
  return {
    number: inputs.number,
    hash,
    parentHash: parent.hash,
    timestamp: inputs.time,
    headerRlp,
    stateRoot,
    messagePasserStorageRoot: zeroHash,
    outputRoot: textHash("output", hash),
    gasUsed: gasLimit / 2n,
    baseFeePerGas: 7n,
    transactions: [],
    transactionHashes: [],
    senders: [],
    skipped: [],
    inputs,
    size: 0,
    bodyTail: "0x",
    counted: countedAfter(parent.counted, inputs),
  } as unknown as ModelBlock;
}

const genesisHeader = headerOf(0n, zeroHash, BigInt(beginning / 1000), zeroHash);
const genesis = {
  ...blockOf({ number: -1n, hash: zeroHash, stateRoot: zeroHash, counted: 0n }, firstInputs()),
  hash: keccak256(genesisHeader),
  headerRlp: genesisHeader,
  stateRoot: zeroHash,
  inputs: undefined,
} as unknown as ModelBlock;

function firstInputs(): BlockInputs {
  const anchor = { anchorNumber: 0n, anchorHash: zeroHash, depositStart: 0n, depositEnd: 0n };
  const place = { number: 0n, time: BigInt(beginning / 1000), generation: 0, flags: 0, proposer: zeroAddress };
  return { ...place, ...anchor, rate: 0n, attendance: "0x", transactions: [] };
}

/** Blocks that any member made from the same parent and inputs: the model is deterministic, so it is computed once. */
const made = new Map<string, ModelBlock>();
const maxMade = 4096;

function execute(parent: ModelBlock, inputs: BlockInputs): ModelBlock {
  const key = `${parent.hash}${Buffer.from(encodeBlockInputs(inputs)).toString("latin1")}`;
  const known = made.get(key);
  if (known) return known;
  if (made.size >= maxMade) made.clear();
  const block = blockOf(parent, inputs);
  made.set(key, block);
  return block;
}

/** A hash chain in the place of the MVM. Like the MVM it builds on what is committed, and shows what is on disk. */
export class ModelChain implements Pick<Mvm, "head" | "execute" | "extend" | "open" | "commit" | "rewind"> {
  readonly reader: Pick<MvmReader, "block" | "head" | "storage">;
  readonly #blocks;
  readonly #store: Store;
  readonly #pending = new Map<Hash, ModelBlock>();
  #durable: ModelBlock[] = [genesis];
  #tip: ModelBlock;

  /** Takes up the blocks that lie in `store`. */
  constructor(store: Store) {
    this.#store = store;
    this.#blocks = openTable(store, "blocks", codecs.uint64, codecs.bytes);
    for (const [, bytes] of this.#blocks.entries())
      this.#durable.push(execute(this.#durable.at(-1)!, decodeBlockInputs(bytes)));
    this.#tip = this.#durable.at(-1)!;
    this.reader = {
      head: () => this.head(),
      block: async (id) => (typeof id === "bigint" ? this.block(id) : undefined),
      // The one contract that blocks are made by.
      storage: async (_, slot, id) => {
        const counted = typeof id === "bigint" && slot === nextCountedBlockSlot ? this.counted(id) : undefined;
        return counted === undefined ? undefined : numberToHex(counted, { size: 32 });
      },
    };
  }

  head(): BlockRef {
    const { number, hash } = this.#durable.at(-1)!;
    return { number, hash };
  }

  block(number: L2BlockNumber): ModelBlock | undefined {
    return this.#durable[Number(number)];
  }

  /** Below which number blocks are counted in the state of block `number`. */
  counted(number: L2BlockNumber): L2BlockNumber | undefined {
    return this.block(number)?.counted;
  }

  /** Inputs of the blocks `from..to`. */
  inputs(from: L2BlockNumber, to: L2BlockNumber): readonly BlockInputs[] {
    return this.#durable.slice(Number(from), Number(to) + 1).map(({ inputs }) => inputs);
  }

  async execute({ inputs }: Pick<BlockContext, "inputs">): Promise<ExecutedBlock> {
    const block = execute(this.#tip, inputs);
    this.#pending.set(block.hash, block);
    return block;
  }

  async open({ inputs }: BlockContext): Promise<BlockBuilder> {
    return {
      add: async () => ({ included: false, reason: { code: "invalid", message: "the model holds no transactions" } }),
      gasLeft: 0n,
      seal: (flags = 0) => this.execute({ inputs: { ...inputs, flags } }),
      discard: async () => undefined,
    };
  }

  /** Throws for a block that does not stand on the one committed last, and what the disk throws. */
  async commit(hash: Hash): Promise<void> {
    const block = this.#pending.get(hash);
    if (block?.parentHash !== this.#tip.hash)
      throw new MvmError("not-pending", `block ${hash} is not pending on the head`);
    this.#pending.clear();
    this.#tip = block;
    try {
      await this.#store.write([this.#blocks.put(block.number, encodeBlockInputs(block.inputs))]);
      this.#durable.push(block);
    } catch (error) {
      this.#tip = this.#durable.at(-1)!;
      throw error;
    }
  }

  /** Each block is executed while those before it are on their way to the disk. */
  async extend(contexts: readonly Pick<BlockContext, "inputs">[]): Promise<void> {
    const commits: Promise<void>[] = [];
    try {
      for (const context of contexts) {
        const commit = this.commit((await this.execute(context)).hash);
        // Awaited below, whatever comes between.
        commit.catch(() => {});
        commits.push(commit);
      }
    } finally {
      await Promise.allSettled(commits);
    }
    await Promise.all(commits);
  }

  async rewind(number: L2BlockNumber): Promise<void> {
    const gone = this.#durable.slice(Number(number) + 1);
    await this.#store.write(gone.map((block) => this.#blocks.delete(block.number)));
    this.#pending.clear();
    this.#durable = this.#durable.slice(0, Number(number) + 1);
    this.#tip = this.#durable.at(-1)!;
  }
}

/** Hash of the block of `inputs` on a chain of `before`. */
export const modelHash = (before: readonly BlockInputs[], inputs: BlockInputs): Hash =>
  [...before, inputs].reduce(execute, genesis).hash;
