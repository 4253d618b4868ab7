import type { BlockRef, MvmReader } from "@metis/mvm";
import type { ChainConfig } from "@metis/protocol";
import { RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service } from "@metis/runtime";
import type { ChainWriter } from "../../derivation/chainWriter.ts";
import type { ChainHeads } from "../../heads/heads.ts";
import type { ChainStore } from "../../heads/store.ts";
import { whenL1Answers } from "../../l1/errors.ts";
import type { L1Watcher } from "../../l1/watcher.ts";
import type { SigningStatus } from "../../sequencer/status.ts";
import type { Handover } from "./records.ts";

export interface HandoverFollowerOptions {
  readonly config: Pick<ChainConfig, "l1Depth">;
  /** Those on L1 up to its head, by generation. */
  readonly sets: { handovers(): Promise<readonly Handover[]> };
  readonly watcher: Pick<L1Watcher, "view" | "subscribe">;
  readonly reader: Pick<MvmReader, "block" | "head">;
  readonly writer: Pick<ChainWriter, "takeBack">;
  readonly chain: Pick<ChainStore, "lastDerived">;
  readonly heads: Pick<ChainHeads, "heads" | "subscribe">;
  readonly status: Pick<SigningStatus, "generation" | "handOver" | "hold" | "leave">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes over the generations that emergency handovers begin (docs/spec/below-two-thirds.md): once the handover is l1Depth deep, what
 * stands above the pinned block is taken back, and the node goes on in the new generation. Works the same for seats and replicas.
 */
export class HandoverFollower implements Service {
  readonly name = "handover";
  readonly #options: HandoverFollowerOptions;
  readonly #loop: RunningLoop;
  #unsubscribe: (() => void)[] = [];

  constructor(options: HandoverFollowerOptions) {
    this.#options = options;
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: 60_000,
      pass: whenL1Answers(() => this.#pass()),
    });
  }

  /** Resolves when the generation is that of L1 as seen so far, if L1 answers. */
  async start(): Promise<void> {
    const { watcher, heads } = this.#options;
    const wake = (): void => this.#loop.wake();
    this.#unsubscribe = [watcher.subscribe(wake), heads.subscribe(wake)];
    await this.#loop.start();
  }

  stop(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  async #pass(): Promise<void> {
    const { sets, config, watcher, status } = this.#options;
    const deep = watcher.view.head.number - BigInt(config.l1Depth);
    const last = (await sets.handovers()).findLast(({ l1BlockNumber }) => l1BlockNumber <= deep);
    if (last && status.generation < last.generation) await this.#goOn(last);
    status.handOver(last?.generation ?? 0);
    status.hold(last && (await this.#missing(last)), this.name);
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
      base: base.number,
      droppedAbove: heads.heads().signed.number > base.number ? base.number : undefined,
    });
    await status.leave(generation - 1);
    await writer.takeBack(base.number, (chain.lastDerived()?.header.batchIndex ?? 0n) + 1n, generation - 1);
  }

  /** The highest block here that the new generation may build on, or that leads to it. */
  async #baseOf({ pin }: Handover): Promise<BlockRef> {
    const { heads, reader } = this.#options;
    const { safe } = heads.heads();
    if (!pin || pin.number <= safe.number) return safe;
    const head = reader.head();
    if (head.number < pin.number) return head;
    return (await reader.block(pin.number))?.hash === pin.hash ? pin : safe;
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
