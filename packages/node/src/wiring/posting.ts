import { MeshChannel } from "@metis/committee";
import { signingDomain } from "@metis/protocol";
import { BatchAssembler } from "../batcher/assemble.ts";
import { Batcher } from "../batcher/batcher.ts";
import { BatchCosigner } from "../batcher/cosigner.ts";
import { BatchPoster } from "../batcher/poster.ts";
import { Proposer } from "../batcher/proposer.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** What brings a seat's blocks and claims to L1. */
export interface Posting {
  readonly cosigner: BatchCosigner;
  readonly batcher: Batcher;
  readonly proposer: Proposer;
}

/** Wires signatures under batches and claims, and their posting. */
export function wirePosting(base: NodeBase, { signer, mesh }: Seat, manager: TransactionManager): Posting {
  const { options, deployment, mvm, chain, heads, status, l1, watcher, deposits, blobs, clock, metrics } = base;
  const { chainConfig: config, genesisConfig, contracts } = deployment;
  const logger = base.logger.child({ service: "batcher" });
  const common = { self: signer.address, sets: base.epochSets, chain, clock, logger };
  const assembler = new BatchAssembler({
    config,
    reader: mvm.reader,
    l1,
    deposits,
    generation: () => status.generation,
    mode: options["batcher.dataMode"],
    blobs: (payload) => blobs.putPayload(payload),
    logger,
  });
  const cosigner = new BatchCosigner({
    ...common,
    domain: signingDomain(genesisConfig),
    signer,
    assembler,
    heads,
    status,
    mesh: mesh?.channels.channel(MeshChannel.batches),
    metrics,
  });
  const poster = new BatchPoster(l1, manager, { ...genesisConfig, posterVault: contracts.posterVault }, logger);
  const pollMs = options["l1.pollMs"];
  const reader = mvm.reader;
  return {
    cosigner,
    batcher: new Batcher({ ...common, assembler, cosigner, poster, reader, heads, status, watcher, metrics, pollMs }),
    proposer: new Proposer({
      ...common,
      config,
      cosigner,
      l1,
      watcher,
      manager,
      addresses: genesisConfig,
      intervalMs: options["proposer.intervalMs"],
    }),
  };
}
