import type { BlockRef, MvmReader } from "@metis/mvm";
import type { ChainConfig } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { ChainWriter } from "../../derivation/chainWriter.ts";
import type { ChainHeads } from "../../heads/heads.ts";
import type { ChainStore } from "../../heads/store.ts";
import type { L1Watcher } from "../../l1/watcher.ts";
import type { SigningStatus } from "../../sequencer/status.ts";
import type { Handover } from "./records.ts";

export interface HandoverFollowerOptions {
  readonly config: Pick<ChainConfig, "l1Depth">;
  /** Those on L1 up to its head, by generation. */
  readonly sets: { handovers(): Promise<readonly Handover[]> };
  readonly watcher: Pick<L1Watcher, "view">;
  readonly reader: Pick<MvmReader, "block" | "head">;
  readonly writer: Pick<ChainWriter, "takeBack">;
  readonly chain: Pick<ChainStore, "lastDerived">;
  readonly heads: Pick<ChainHeads, "heads">;
  readonly status: Pick<SigningStatus, "generation" | "handOver" | "hold" | "leave">;
  readonly logger: Logger;
}

/**
 * Takes over the generations that emergency handovers begin (docs/spec/below-two-thirds.md): once the handover is l1Depth deep, what
 * stands above the pinned block is taken back, and the node goes on in the new generation. Works the same for seats and replicas.
 * Derivation calls it when every batch on L1 is derived: nobody else changes the chain on L1's behalf meanwhile.
 */
export class HandoverFollower {
  readonly #options: HandoverFollowerOptions;

  constructor(options: HandoverFollowerOptions) {
    this.#options = options;
  }

  /** Brings this node into the generation that L1 is in by handovers. Throws what L1 does. */
  async follow(): Promise<void> {
    const { sets, config, watcher, status } = this.#options;
    const deep = watcher.view.head.number - BigInt(config.l1Depth);
    const last = (await sets.handovers()).findLast(({ l1BlockNumber }) => l1BlockNumber <= deep);
    if (last && status.generation < last.generation) await this.#goOn(last);
    status.handOver(last?.generation ?? 0);
    status.hold(last && (await this.#missing(last)), "handover");
  }

  /** Takes back what the handover drops. Nothing more of the old generation is made or signed from the first step on. */
  async #goOn(handover: Handover): Promise<void> {
    const { status, writer, chain, heads, logger } = this.#options;
    const { generation, members, pin } = handover;
    const base = await this.#baseOf(handover);
    logger.warn("an emergency handover: the pool goes on with a smaller set", {
      generation,
      seats: members.length,
      pinned: pin?.number,
      base: base?.number,
      signed: heads.heads().signed.number,
    });
    await status.leave(generation - 1);
    const nextBatch = (chain.lastDerived()?.header.batchIndex ?? 0n) + 1n;
    if (base) await writer.takeBack(base.number, nextBatch, generation - 1);
  }

  /**
   * The block to go back to. Nothing: what is here already stands on the pin, as after a restart, or leads to a pinned block that
   * this node lacks.
   */
  async #baseOf({ generation, pin }: Handover): Promise<BlockRef | undefined> {
    const { heads, reader } = this.#options;
    const { safe } = heads.heads();
    const isPinned = pin !== undefined && pin.number > safe.number;
    if (isPinned && reader.head().number < pin.number) return undefined;
    const base = isPinned && (await reader.block(pin.number))?.hash === pin.hash ? pin : safe;
    const next = await reader.block(base.number + 1n);
    return (next?.inputs?.generation ?? 0) >= generation ? undefined : base;
  }

  /** What this node waits for before it signs in the handover's generation, if anything. */
  async #missing({ generation, pin }: Handover): Promise<string | undefined> {
    const { chain, heads, reader } = this.#options;
    const isOnL1 = (chain.lastDerived()?.header.generation ?? 0) >= generation;
    if (isOnL1 || !pin || pin.number <= heads.heads().safe.number) return undefined;
    if ((await reader.block(pin.number))?.hash === pin.hash) return undefined;
    return `the pool goes on from block ${pin.number} (${pin.hash}), which this node does not have: it waits for it on L1`;
  }
}
