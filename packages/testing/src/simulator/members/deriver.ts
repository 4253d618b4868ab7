import type { ChainHeads, ChainStore, ChainWriter, DerivedBatch, SigningStatus } from "@metis/node/sequencer";
import { genesisHeader, zeroHash } from "@metis/protocol";
import type { DataHeader } from "@metis/protocol";
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
}

/** Takes over the batches on L1, one after the other: what is missing is executed, what a raise made void is taken back. */
export class Deriver {
  readonly #options: DeriverOptions;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DeriverOptions) {
    this.#options = options;
  }

  look(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<void> {
    const { records, l1 } = this.#options;
    if (!records.lastDerived()) await records.putDerived(record(genesisHeader(genesisAnchor)));
    const { batches } = l1;
    for (;;) {
      const index = (records.lastDerived()?.header.batchIndex ?? 0n) + 1n;
      const batch = batches[Number(index) - 1];
      if (!batch) return;
      await this.#derive(batch, index);
    }
  }

  async #derive(batch: PostedBatch, index: bigint): Promise<void> {
    const { writer, records, heads, status, chain, contradicted } = this.#options;
    for (const inputs of batch.blocks) {
      const held = await writer.holds(inputs);
      if (held === "missing") {
        await writer.execute([{ inputs, anchorHeader: "0x", deposits: [] }]);
      } else if (held === "other") {
        if (batch.generation === status.generation) return contradicted(`L1 has another block ${inputs.number}`);
        await status.leave(status.generation);
        await writer.takeBack(inputs.number - 1n, index, status.generation);
        await writer.execute([{ inputs, anchorHeader: "0x", deposits: [] }]);
      }
    }
    if (chain.block(batch.lastBlock)?.hash !== batch.lastHash) return contradicted(`L1 has another chain`);
    const last = batch.blocks.at(-1)!;
    const header = { ...genesisHeader(genesisAnchor), batchIndex: index, generation: batch.generation };
    await records.putDerived({
      ...record({ ...header, epoch: batch.epoch, anchorNumber: last.anchorNumber, anchorHash: last.anchorHash }),
      firstBlock: batch.blocks[0]!.number,
      lastBlock: batch.lastBlock,
      lastBlockHash: batch.lastHash,
    });
    const safe = { number: batch.lastBlock, hash: batch.lastHash };
    const { signed } = heads.heads();
    heads.update({ safe, ...(signed.number < safe.number ? { signed: safe } : {}) });
    status.adopt(batch.generation);
  }
}

const genesisAnchor = {
  number: config.genesisAnchorNumber,
  hash: config.genesisAnchorHash,
  time: config.genesisAnchorTime,
};

const record = (header: DataHeader): DerivedBatch => ({
  header,
  batchHash: zeroHash,
  l1BlockNumber: 0n,
  l1BlockHash: zeroHash,
  transactionHash: zeroHash,
  firstBlock: 0n,
  lastBlock: 0n,
  lastBlockHash: zeroHash,
  outputRoots: [],
  inputsRoot: zeroHash,
  verdict: { kind: "good" },
});
