import type { SequencerSet } from "@metis/committee";
import { letsTurnsPass, memberCount } from "@metis/protocol";
import type { ChainConfig, Epoch, Hash, L1BlockNumber } from "@metis/protocol";
import { emissionReserveAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Store, StoreOp } from "@metis/runtime";
import { decodeEventLog, encodeEventTopics, encodeFunctionData } from "viem";
import type { Address } from "viem";
import type { L1Client, L1Log } from "../l1/client.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { Accusation, Witness } from "./accuser.ts";
import type { EpochSets } from "./epochSets.ts";

export interface AbsenceWitnessOptions {
  readonly config: Pick<ChainConfig, "term">;
  readonly emissionReserve: Address;
  readonly sets: Pick<EpochSets, "of">;
  readonly l1: Pick<L1Client, "logs">;
  readonly watcher: Pick<L1Watcher, "view">;
  readonly store: Store;
}

/** What the members did in an epoch, without the members. */
interface Count {
  readonly blocks: bigint;
  readonly words: readonly bigint[];
}

/** Attendance of an epoch as it arrived on L1 (docs/spec/staking.md, "Attendance"). */
interface Arrived extends Count {
  readonly epoch: Epoch;
}

/** Attendance that may be part of later evidence. */
interface Kept extends Count {
  readonly setHash: Hash;
  /** Members whose absence of this epoch is told: it counts once. */
  readonly accused: readonly Address[];
}

/** Epochs in a row, all with one set, in which a member proposed nothing. */
interface Wait {
  readonly firstEpoch: Epoch;
  readonly counts: readonly Count[];
}

/** Epochs whose attendance is kept: a member whose share of them is below twelve terms is found out by nobody. */
const keptEpochs = 64n;

const [arrivedTopic] = encodeEventTopics({ abi: emissionReserveAbi, eventName: "AttendanceReceived" });

/**
 * Members that attested fewer than half of an epoch's blocks, and those that attest and never lead, by what L2 reported and L1 will not
 * take back.
 */
export class AbsenceWitness implements Witness {
  readonly #options: AbsenceWitnessOptions;
  readonly #scanned;
  readonly #found;
  readonly #attendances;

  constructor(options: AbsenceWitnessOptions) {
    this.#options = options;
    this.#scanned = openTable(options.store, "absencesScanned", codecs.text, codecs.uint64);
    this.#found = openTable(options.store, "absences", codecs.text, jsonCodec<Accusation>());
    this.#attendances = openTable(options.store, "attendances", codecs.uint64, jsonCodec<Kept>());
  }

  async accusations(): Promise<readonly Accusation[]> {
    await this.#scan();
    return [...this.#found.entries()].map(([, accusation]) => accusation);
  }

  /** A node that starts anew begins where L1 is final: what came before was for others to report. */
  async #scan(): Promise<void> {
    const { watcher, store } = this.#options;
    const to = watcher.view.finalized?.number;
    const before = this.#scanned.get("");
    if (to === undefined || to === before) return;
    if (before !== undefined) await this.#read(before + 1n, to);
    await store.write([this.#scanned.put("", to)]);
  }

  async #read(from: L1BlockNumber, to: L1BlockNumber): Promise<void> {
    const { l1, emissionReserve, store, sets } = this.#options;
    const logs = await l1.logs({ addresses: [emissionReserve], topics: [arrivedTopic], from, to });
    for (const log of logs) {
      const arrived = arrivedOf(log);
      await store.write(this.#judge(arrived, await sets.of(arrived.epoch)));
    }
  }

  /** Everybody's absences as of an attendance, which is kept with them. Those below half of it, and else whose wait ends with it. */
  #judge(arrived: Arrived, set: SequencerSet): readonly StoreOp[] {
    const { epoch, blocks, words } = arrived;
    const found: Accusation[] = [];
    const waits: (Wait & { readonly signer: Address })[] = [];
    for (const [index, { signer }] of set.members.entries()) {
      const isAbsent = memberCount(words, index).attested * 2n < blocks;
      if (isAbsent) found.push(absenceIn(arrived, set, index));
      const wait = isAbsent ? undefined : this.#waitUpTo(arrived, set, index);
      if (wait) {
        found.push(noProposalIn(wait, set, index));
        waits.push({ ...wait, signer });
      }
    }
    const accused = found.map(({ signer }) => signer);
    return [
      ...found.map((accusation) => this.#found.put(accusation.id, accusation)),
      this.#attendances.put(epoch, { blocks, words, setHash: set.hash, accused }),
      ...this.#markBefore(epoch, waits),
      ...this.#forgetBefore(epoch),
    ];
  }

  /** The shortest wait that ends with `last` and lets twelve of a member's terms pass. */
  #waitUpTo(last: Arrived, { members, hash, totalWeight }: SequencerSet, index: number): Wait | undefined {
    const { signer, weight } = members[index]!;
    const counts: Count[] = [];
    let inAll = 0n;
    for (let epoch = last.epoch; ; epoch--) {
      const kept = epoch === last.epoch ? { ...last, setHash: hash, accused: [] } : this.#attendances.get(epoch);
      if (kept?.setHash !== hash || kept.accused.includes(signer)) return undefined;
      const { proposed, attested } = memberCount(kept.words, index);
      if (proposed > 0n) return undefined;
      counts.unshift({ blocks: kept.blocks, words: kept.words });
      inAll += attested;
      if (letsTurnsPass(inAll, weight, totalWeight, this.#options.config.term)) return { firstEpoch: epoch, counts };
      if (epoch === 0n) return undefined;
    }
  }

  /** Notes in the epochs before `last` whose waits they are part of. */
  #markBefore(last: Epoch, waits: readonly (Wait & { readonly signer: Address })[]): readonly StoreOp[] {
    const from = waits.reduce((least, { firstEpoch }) => (firstEpoch < least ? firstEpoch : least), last);
    return [...this.#attendances.entries({ from, to: last })].map(([epoch, kept]) => {
      const signers = waits.filter(({ firstEpoch }) => firstEpoch <= epoch).map(({ signer }) => signer);
      return this.#attendances.put(epoch, { ...kept, accused: [...kept.accused, ...signers] });
    });
  }

  #forgetBefore(epoch: Epoch): readonly StoreOp[] {
    if (epoch < keptEpochs) return [];
    return [...this.#attendances.entries({ to: epoch - keptEpochs + 1n })].map(([old]) =>
      this.#attendances.delete(old),
    );
  }
}

const absenceIn = ({ epoch, blocks, words }: Arrived, { members }: SequencerSet, index: number): Accusation => ({
  id: `absence/${epoch}/${members[index]!.signer}`,
  signer: members[index]!.signer,
  offence: "attested fewer than half of an epoch's blocks",
  data: encodeFunctionData({
    abi: slashingManagerAbi,
    functionName: "reportAbsence",
    args: [{ epoch, members, blocks, words }, BigInt(index)],
  }),
});

const noProposalIn = ({ firstEpoch, counts }: Wait, { members }: SequencerSet, index: number): Accusation => ({
  id: `no-proposal/${firstEpoch}-${counts.length}/${members[index]!.signer}`,
  signer: members[index]!.signer,
  offence: "attests, and proposed no block in twelve of its terms",
  data: encodeFunctionData({
    abi: slashingManagerAbi,
    functionName: "reportNoProposal",
    args: [firstEpoch, members, counts, BigInt(index)],
  }),
});

function arrivedOf({ topics, data }: L1Log): Arrived {
  return decodeEventLog({
    abi: emissionReserveAbi,
    eventName: "AttendanceReceived",
    topics: topics as [signature: `0x${string}`, ...args: `0x${string}`[]],
    data,
  }).args;
}
