import { createSet } from "@metis/committee";
import type { SequencerSet } from "@metis/committee";
import type { BlockRef } from "@metis/mvm";
import { epochOf } from "@metis/protocol";
import type { ChainConfig, Epoch, Generation, L1BlockNumber, SetMember } from "@metis/protocol";
import { emergencyHandoverAbi, lockingPoolAbi } from "@metis/protocol/contracts";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Logger, Store } from "@metis/runtime";
import { decodeEventLog, encodeEventTopics } from "viem";
import type { Address, Hex } from "viem";
import type { L1Client, L1Log } from "../l1/client.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import { checkedMembers, EpochSetError } from "./epochSets.ts";
import type { EpochSets } from "./epochSets.ts";
import { decodeHandover } from "./handover/records.ts";
import type { Handover } from "./handover/records.ts";

export interface L1EpochSetsOptions {
  readonly config: Pick<ChainConfig, "genesisAnchorNumber" | "epochLength">;
  readonly lockingPool: Address;
  readonly emergencyHandover: Address;
  /** The generation that this node is in. */
  readonly generation: () => Generation;
  /** The set of epochs 0 and 1. */
  readonly initial: readonly SetMember[];
  readonly l1: Pick<L1Client, "logs">;
  readonly watcher: Pick<L1Watcher, "view" | "subscribe">;
  readonly store: Store;
  /** The epoch whose batches are not all on L1 yet: its members still sign. */
  readonly servedSince: () => Epoch;
  readonly logger: Logger;
}

/** A set frozen on L1: that of `epoch`, and of those after it until the next one. */
interface Frozen {
  readonly epoch: Epoch;
  readonly l1BlockNumber: L1BlockNumber;
  readonly members: readonly SetMember[];
}

interface Scanned {
  /** L1 blocks up to here were read. */
  readonly to: L1BlockNumber;
  readonly frozen: readonly Frozen[];
  /** In the order of their generations. */
  readonly handovers: readonly HandedOver[];
}

/** A handover, and how many of the frozen sets were there before: the next one ends what it says. */
interface HandedOver extends Handover {
  readonly frozenBefore: number;
}

/** L1 is looked at so often for sets to come. */
const looksInAnEpoch = 8n;

const [frozenTopic] = encodeEventTopics({ abi: lockingPoolAbi, eventName: "EpochFrozen" });
const [handedOverTopic] = encodeEventTopics({ abi: emergencyHandoverAbi, eventName: "HandedOver" });

/**
 * The sets that LockingPool froze and those that handovers made, read from events. A set is frozen before its epoch begins, so what
 * the blocks before an epoch's first one say is final for everybody who builds on an anchor inside it. Who is in a generation that a
 * handover began has read that handover.
 */
export class L1EpochSets implements EpochSets {
  readonly #options: L1EpochSetsOptions;
  readonly #initial: SequencerSet;
  readonly #table;
  #scanned: Scanned;
  #scan: Promise<void> = Promise.resolve();
  #signers: ReadonlySet<Address>;
  /** The highest that was asked for: its handover is known, if there was one. */
  #generation: Generation = 0;
  #sets = new Map<Pick<Frozen, "members">, SequencerSet>();

  constructor(options: L1EpochSetsOptions) {
    this.#options = options;
    this.#initial = createSet(options.initial);
    this.#table = openTable(options.store, "epochSets", codecs.text, jsonCodec<Scanned>());
    this.#scanned = this.#table.get("scanned") ?? {
      to: options.config.genesisAnchorNumber,
      frozen: [],
      handovers: [],
    };
    this.#signers = this.#signersFrom(0n);
    options.watcher.subscribe((event) => {
      if (event.kind === "reorged") this.#takeBack(event.ancestor?.number ?? options.config.genesisAnchorNumber);
      // New members need to be known some time before their epoch, not at once.
      const stale = event.view.head.number - this.#scanned.to;
      if (event.kind === "advanced" && stale * looksInAnEpoch < BigInt(options.config.epochLength)) return;
      // A failure is no news here: who asks for a set scans again, and hears of it.
      this.#scanTo(event.view.head.number).catch(() => undefined);
    });
  }

  async of(epoch: Epoch, generation: Generation = this.#options.generation()): Promise<SequencerSet> {
    // A raise counts when it is l1Depth deep: a scan up to L1's head has seen the handover that made it.
    if (generation > this.#generation) await this.#scanTo(this.#options.watcher.view.head.number);
    this.#generation = Math.max(this.#generation, generation);
    const handover = this.#handoverFor(epoch, generation);
    if (handover) return this.#setOf(handover);
    if (epoch <= 1n) return this.#initial;
    const needed = this.#firstBlock(epoch) - 1n;
    if (this.#scanned.to < needed) await this.#scanTo(this.#options.watcher.view.head.number);
    if (this.#scanned.to < needed)
      throw new EpochSetError("set-unknown", "retry", `L1 has not reached epoch ${epoch} as seen here`, { epoch });
    return this.#setAt(epoch);
  }

  /** Every handover on L1 up to its head as last seen here, in the order of their generations. */
  async handovers(): Promise<readonly Handover[]> {
    await this.#scanTo(this.#options.watcher.view.head.number);
    return this.#scanned.handovers;
  }

  /** The block that a handover began `generation` on, of those seen here: whoever is in the generation has seen it. */
  pinOf(generation: Generation): BlockRef | undefined {
    return this.#scanned.handovers.find((handover) => handover.generation === generation)?.pin;
  }

  isMember(signer: Address): boolean {
    return this.#signers.has(signer.toLowerCase() as Address);
  }

  #firstBlock(epoch: Epoch): L1BlockNumber {
    const { genesisAnchorNumber, epochLength } = this.#options.config;
    return genesisAnchorNumber + epoch * BigInt(epochLength);
  }

  #setAt(epoch: Epoch): SequencerSet {
    const before = this.#firstBlock(epoch);
    const frozen = this.#scanned.frozen.findLast((set) => set.epoch <= epoch && set.l1BlockNumber < before);
    return frozen ? this.#setOf(frozen) : this.#initial;
  }

  /** The last handover to a generation up to `generation`, unless a set frozen after it is for an epoch up to `epoch`. */
  #handoverFor(epoch: Epoch, generation: Generation): HandedOver | undefined {
    const { frozen, handovers } = this.#scanned;
    const last = handovers.findLast((handover) => handover.generation <= generation);
    if (!last) return undefined;
    const next = frozen[last.frozenBefore];
    return next && next.epoch <= epoch ? undefined : last;
  }

  #setOf(frozen: Pick<Frozen, "members">): SequencerSet {
    const known = this.#sets.get(frozen) ?? createSet(frozen.members);
    this.#sets.set(frozen, known);
    return known;
  }

  /** Reads L1 up to `head`, one scan after the other. */
  #scanTo(head: L1BlockNumber): Promise<void> {
    const scan = this.#scan.then(() => this.#read(head));
    this.#scan = scan.catch(() => undefined);
    return scan;
  }

  async #read(head: L1BlockNumber): Promise<void> {
    const { l1, lockingPool, emergencyHandover, config, servedSince, watcher } = this.#options;
    const before = this.#scanned;
    if (head > before.to) {
      const addresses = [lockingPool, emergencyHandover];
      const topics = [[frozenTopic, handedOverTopic]];
      const logs = await l1.logs({ addresses, topics, from: before.to + 1n, to: head });
      const next = logs.reduce(this.#withLog, { ...before, to: head });
      // A reorg came in between: the next scan begins below it.
      if (this.#scanned !== before) return;
      this.#scanned = next;
    }
    const current = epochOf(config, head > config.genesisAnchorNumber ? head : config.genesisAnchorNumber);
    const [previous, served] = [current > 0n ? current - 1n : 0n, servedSince()];
    this.#signers = this.#signersFrom(served < previous ? served : previous);
    await this.#keep(watcher.view.finalized?.number);
  }

  #withLog = (scanned: Scanned, log: L1Log): Scanned => {
    const { logger } = this.#options;
    if (log.topics[0] === handedOverTopic) {
      const handover = { ...decodeHandover(log), frozenBefore: scanned.frozen.length };
      return { ...scanned, handovers: [...scanned.handovers, handover] };
    }
    const frozen = decodeFrozen(log);
    const { epoch, members } = frozen;
    logger.info("a set is frozen", { epoch, seats: members.length, signers: members.map(({ signer }) => signer) });
    return { ...scanned, frozen: [...scanned.frozen, frozen] };
  };

  /** Signers of the set of `epoch` and of every one frozen since. */
  #signersFrom(epoch: Epoch): ReadonlySet<Address> {
    const later = this.#scanned.frozen.filter((frozen) => frozen.epoch > epoch).map((frozen) => this.#setOf(frozen));
    return new Set([this.#setAt(epoch), ...later].flatMap(({ members }) => members.map(({ signer }) => signer)));
  }

  /** Keeps what L1 will not take back, so that a start does not read all of L1 again. */
  async #keep(finalized: L1BlockNumber | undefined): Promise<void> {
    const { frozen, handovers, to } = this.#scanned;
    const final = finalized !== undefined && finalized < to ? finalized : undefined;
    const kept = this.#table.get("scanned");
    const isDue = final !== undefined && final >= (kept?.to ?? 0n) + BigInt(this.#options.config.epochLength);
    if (!isDue) return;
    const value = { to: final, ...upTo(final, { frozen, handovers }) };
    await this.#options.store.write([this.#table.put("scanned", value)]);
  }

  #takeBack(ancestor: L1BlockNumber): void {
    if (ancestor < this.#scanned.to) this.#scanned = { to: ancestor, ...upTo(ancestor, this.#scanned) };
  }
}

/** What L1 blocks up to `block` say. */
const upTo = (block: L1BlockNumber, { frozen, handovers }: Omit<Scanned, "to">): Omit<Scanned, "to"> => ({
  frozen: frozen.filter(({ l1BlockNumber }) => l1BlockNumber <= block),
  handovers: handovers.filter(({ l1BlockNumber }) => l1BlockNumber <= block),
});

/** Throws `set-inconsistent` (halt) when the endpoint gives members that do not hash to what it says they do. */
function decodeFrozen({ data, topics, blockNumber }: L1Log): Frozen {
  const { args } = decodeEventLog({
    abi: lockingPoolAbi,
    eventName: "EpochFrozen",
    data,
    topics: topics as [Hex, ...Hex[]],
  });
  const { epoch, members: given, setHash } = args;
  return { epoch, members: checkedMembers(given, setHash, epoch), l1BlockNumber: blockNumber };
}
