import type { Epoch, L1BlockNumber } from "@metis/protocol";
import { emissionReserveAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Store } from "@metis/runtime";
import { decodeEventLog, encodeEventTopics, encodeFunctionData } from "viem";
import type { Address } from "viem";
import type { L1Client, L1Log } from "../l1/client.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { Accusation, Witness } from "./accuser.ts";
import type { EpochSets } from "./epochSets.ts";

export interface AbsenceWitnessOptions {
  readonly emissionReserve: Address;
  readonly sets: Pick<EpochSets, "of">;
  readonly l1: Pick<L1Client, "logs">;
  readonly watcher: Pick<L1Watcher, "view">;
  readonly store: Store;
}

/** Attendance of an epoch as it arrived on L1 (docs/spec/staking.md, "Attendance"). */
interface Arrived {
  readonly epoch: Epoch;
  readonly blocks: bigint;
  readonly words: readonly bigint[];
}

/** Bits of a member's two counters in a word, and the members in one. */
const memberBits = 64n;
const membersAWord = 4;

const [arrivedTopic] = encodeEventTopics({ abi: emissionReserveAbi, eventName: "AttendanceReceived" });

/** Blocks that member `index` attested, out of the words of an epoch. */
export function attestedBy(words: readonly bigint[], index: number): bigint {
  const word = words[Math.floor(index / membersAWord)] ?? 0n;
  return (word >> (memberBits * BigInt(index % membersAWord) + memberBits / 2n)) & 0xffff_ffffn;
}

/** Members that attested fewer than half of an epoch's blocks, by what L2 reported and L1 will not take back. */
export class AbsenceWitness implements Witness {
  readonly #options: AbsenceWitnessOptions;
  readonly #scanned;
  readonly #found;

  constructor(options: AbsenceWitnessOptions) {
    this.#options = options;
    this.#scanned = openTable(options.store, "absencesScanned", codecs.text, codecs.uint64);
    this.#found = openTable(options.store, "absences", codecs.text, jsonCodec<Accusation>());
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
    const found = before === undefined ? [] : await this.#absencesIn(before + 1n, to);
    await store.write([...found.map((absence) => this.#found.put(absence.id, absence)), this.#scanned.put("", to)]);
  }

  async #absencesIn(from: L1BlockNumber, to: L1BlockNumber): Promise<readonly Accusation[]> {
    const { l1, emissionReserve } = this.#options;
    const logs = await l1.logs({ addresses: [emissionReserve], topics: [arrivedTopic], from, to });
    const absences = await Promise.all(logs.map((log) => this.#absentIn(arrivedOf(log))));
    return absences.flat();
  }

  async #absentIn({ epoch, blocks, words }: Arrived): Promise<readonly Accusation[]> {
    const { members } = await this.#options.sets.of(epoch);
    return members.flatMap(({ signer }, index) =>
      attestedBy(words, index) * 2n >= blocks
        ? []
        : {
            id: `absence/${epoch}/${signer}`,
            signer,
            offence: "attested fewer than half of an epoch's blocks",
            data: encodeFunctionData({
              abi: slashingManagerAbi,
              functionName: "reportAbsence",
              args: [{ epoch, members, blocks, words }, BigInt(index)],
            }),
          },
    );
  }
}

function arrivedOf({ topics, data }: L1Log): Arrived {
  return decodeEventLog({
    abi: emissionReserveAbi,
    eventName: "AttendanceReceived",
    topics: topics as [signature: `0x${string}`, ...args: `0x${string}`[]],
    data,
  }).args;
}
