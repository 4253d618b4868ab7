import { BatchApplier } from "@metis/node/sequencer";
import type {
  ChainHeads,
  ChainStore,
  ChainWriter,
  HandoverFollower,
  L1Batch,
  SigningStatus,
} from "@metis/node/sequencer";
import { genesisHeader, zeroHash } from "@metis/protocol";
import type { DataHeader, Hash } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { Hex } from "viem";
import type { ModelChain } from "./chain.ts";
import { simulatedConfig as config } from "./l1.ts";
import type { PostedBatch, SeenL1 } from "./l1.ts";

export interface DeriverOptions {
  readonly writer: ChainWriter;
  readonly records: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly chain: ModelChain;
  readonly l1: SeenL1;
  readonly contradicted: (message: string) => void;
  readonly handovers: Pick<HandoverFollower, "follow">;
  readonly logger: Logger;
}

/** Brings the batches on L1 to a node's applier, one after the other: nothing has to be fetched or derived. */
export class Deriver {
  readonly #options: DeriverOptions;
  readonly #applier: BatchApplier;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DeriverOptions) {
    const { chain, records, status, contradicted } = options;
    this.#options = options;
    this.#applier = new BatchApplier({ ...options, config, reader: chain.reader, chain: records });
    status.onDivergence(({ message }) => contradicted(message));
  }

  look(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<void> {
    const { records, l1, handovers } = this.#options;
    const { batches } = l1;
    let last = records.lastDerived() ?? (await this.#applier.genesis(onL1(genesisHeader(genesisAnchor))));
    for (;;) {
      const batch = batches[Number(last.header.batchIndex)];
      if (!batch) return handovers.follow();
      if (await this.#contradicts(batch)) return;
      const gathered = {
        ...nothing,
        anchors: new Map<Hash, Hex>(batch.blocks.map(({ anchorHash }) => [anchorHash, "0x"])),
      };
      const result = { ...nothing, blocks: batch.blocks };
      last = await this.#applier.adopt(last, { batch: onL1(headerOf(batch, last.header)), gathered, result });
      this.#advanceSafe(batch);
    }
  }

  /** No honest member holds another block than L1 of a generation that it is in, signed or not. */
  async #contradicts({ generation, blocks }: PostedBatch): Promise<boolean> {
    const { writer, status, contradicted } = this.#options;
    for (const inputs of generation === status.generation ? blocks : [])
      if ((await writer.holds(inputs)) === "other") {
        contradicted(`L1 has another block ${inputs.number}`);
        return true;
      }
    return false;
  }

  #advanceSafe({ lastBlock, lastHash }: PostedBatch): void {
    const { heads, chain, contradicted } = this.#options;
    if (chain.block(lastBlock)?.hash !== lastHash) return contradicted("L1 has another chain");
    const safe = { number: lastBlock, hash: lastHash };
    const { signed } = heads.heads();
    heads.update({ safe, ...(signed.number < safe.number ? { signed: safe } : {}) });
  }
}

/** What only the stages before the applier need. */
const nothing = {
  request: undefined as never,
  deposits: [],
  reason: undefined,
  claimedOutputRoots: [],
  inputsRoot: zeroHash,
  outputsRoot: zeroHash,
};

const genesisAnchor = {
  number: config.genesisAnchorNumber,
  hash: config.genesisAnchorHash,
  time: config.genesisAnchorTime,
};

function headerOf({ generation, epoch, blocks }: PostedBatch, parent: DataHeader): DataHeader {
  const { anchorNumber, anchorHash } = blocks.at(-1)!;
  return { ...parent, batchIndex: parent.batchIndex + 1n, generation, epoch, anchorNumber, anchorHash };
}

const onL1 = (header: DataHeader): L1Batch => ({
  header,
  batchHash: zeroHash,
  l1BlockNumber: 0n,
  l1BlockHash: zeroHash,
  transactionHash: zeroHash,
  versionedHashes: [],
  payload: undefined,
});
