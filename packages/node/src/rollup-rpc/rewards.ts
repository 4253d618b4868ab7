import type { SequencerSet } from "@metis/committee";
import {
  emissionReserveAbi,
  lockingPoolAbi,
  metisTokenAbi,
  posterVaultAbi,
  slashingManagerAbi,
} from "@metis/protocol/contracts";
import { memberCount, withdrawalHash } from "@metis/protocol";
import type { Epoch } from "@metis/protocol";
import { method, param } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { Address } from "viem";
import { EpochReports } from "../rewards/reports.ts";
import type { EpochCounts, EpochRevenue } from "../rewards/reports.ts";
import type { NodeBase } from "../wiring/base.ts";
import { show } from "./format.ts";

/** Epochs that `rollup_poolRewards` looks back over. */
const lookback = 8n;
const basisPoints = 10_000n;

/** What members did in epochs, and what that earns them (docs/spec/staking.md). */
export function rewardMethods(base: NodeBase): Readonly<Record<string, RpcMethod>> {
  const reports = new EpochReports({ config: base.deployment.chainConfig, reader: base.mvm.reader });
  return {
    rollup_epochAttendance: method([param.uint64], async ([epoch]) => show(await attendance(base, reports, epoch))),
    rollup_poolRewards: method([], async () => show(await poolRewards(base, reports))),
  };
}

async function attendance({ heads, epochSets }: NodeBase, reports: EpochReports, epoch: Epoch) {
  const { unsafe, safe } = heads.heads();
  const currentEpoch = await reports.epochAt(unsafe.number);
  if (epoch > currentEpoch) return null;
  const { blocks, words, isReported } = await reports.countsOf(epoch, unsafe.number);
  const { members } = await epochSets.of(epoch, 0);
  const report = isReported ? await reports.find(epoch, safe.number) : undefined;
  return {
    epoch,
    currentEpoch,
    blocks,
    words,
    isReported,
    members: members.map(({ signer, weight }, index) => {
      const { proposed, attested } = memberCount(words, index);
      return { signer, weight, proposed, attested };
    }),
    report: report && {
      blockNumber: report.l2Block,
      withdrawalHash: withdrawalHash(report.withdrawal),
      withdrawal: report.withdrawal,
    },
  };
}

/** An epoch that is over, and what was counted in it. */
interface PastEpoch {
  readonly set: SequencerSet;
  readonly counts: EpochCounts;
  readonly revenue: Pick<EpochRevenue, "fees" | "l1Fees">;
}

/** The reserve's terms, in hundredths of a percent. */
interface RewardTerms {
  readonly rate: bigint;
  readonly proposerShare: bigint;
  readonly feeProposerShare: bigint;
}

async function poolRewards(base: NodeBase, reports: EpochReports) {
  const { heads, epochSets, l1, deployment } = base;
  const { emissionReserve, lockingPool } = deployment.contracts;
  const { number } = heads.heads().unsafe;
  const epoch = await reports.epochAt(number);
  const firstEpoch = epoch > lookback ? epoch - lookback : 0n;
  const { members, totalWeight } = await epochSets.of(epoch, 0);
  const past = Array.from({ length: Number(epoch - firstEpoch) }, async (_, i): Promise<PastEpoch> => {
    const its = firstEpoch + BigInt(i);
    const [counts, revenue] = await Promise.all([reports.countsOf(its, number), reports.revenueOf(its, number)]);
    return { set: await epochSets.of(its, 0), counts, revenue };
  });
  const [given, epochReward, posters, slashes, epochs] = await Promise.all([
    l1.read(emissionReserveAbi, emissionReserve, "parameters", []),
    l1.read(emissionReserveAbi, emissionReserve, "rewardOf", [totalWeight]),
    postersVault(base),
    slashesOf(base),
    Promise.all(past),
  ]);
  const terms: RewardTerms = {
    rate: BigInt(given.rate),
    proposerShare: BigInt(given.proposerShare),
    feeProposerShare: BigInt(given.feeProposerShare),
  };
  const seats = members.map(async ({ signer, weight }) => {
    const seatId = await l1.read(lockingPoolAbi, lockingPool, "seqSigners", [signer]);
    const own = slashes.filter((slash) => slash.seatId === seatId);
    return Object.assign(recordOf(signer, epochs, terms), { seatId, signer, weight, slashes: own });
  });
  return {
    epoch,
    firstEpoch,
    rate: given.rate / 100,
    epochReward,
    fees: epochs.reduce((sum, { revenue }) => sum + revenue.fees, 0n),
    l1Fees: epochs.reduce((sum, { revenue }) => sum + revenue.l1Fees, 0n),
    posters,
    members: await Promise.all(seats),
  };
}

/** METIS wei that the posters' vault holds, and what of it is set aside. */
async function postersVault({ l1, deployment }: NodeBase) {
  const { metisToken, posterVault } = deployment.contracts;
  const [held, granted] = await Promise.all([
    l1.read(metisTokenAbi, metisToken, "balanceOf", [posterVault]),
    l1.read(posterVaultAbi, posterVault, "granted", []),
  ]);
  return { held, granted };
}

/** What a member has of `basisPoints x blocks x total weight`: `share` for proposing, the rest for attesting. */
const pointsOf = (share: bigint, proposed: bigint, attested: bigint): bigint =>
  share * proposed + (basisPoints - share) * attested;

/**
 * What a member did in the epochs that it was in: `uptime` in percent of the counted blocks, `apr` in percent of its weight a year, by
 * the formula of docs/spec/staking.md as long as neither the epochs' cap nor the reserve's end binds, and `fees` in METIS wei by that of
 * docs/spec/fees.md. Null: nothing was counted.
 */
export function recordOf(signer: Address, epochs: readonly PastEpoch[], terms: RewardTerms) {
  const served = epochs.flatMap(({ set, counts: { blocks, words }, revenue: { fees } }) => {
    const index = set.members.findIndex((member) => member.signer === signer);
    const weight = set.members[index]?.weight;
    return weight === undefined || blocks === 0n
      ? []
      : [{ blocks, fees, weight, total: set.totalWeight, ...memberCount(words, index) }];
  });
  const sum = (of: (epoch: (typeof served)[number]) => bigint): bigint =>
    served.reduce((all, one) => all + of(one), 0n);
  const [blocks, proposed, attested] = [
    sum((one) => one.blocks),
    sum((one) => one.proposed),
    sum((one) => one.attested),
  ];
  const paid = served.filter((one) => one.attested * 2n >= one.blocks);
  const earned = paid.reduce((all, one) => {
    const points = pointsOf(terms.proposerShare, one.proposed * one.total, one.attested * one.weight);
    return all + (terms.rate * points) / (basisPoints * one.blocks * one.weight);
  }, 0n);
  const fees = paid.reduce((all, one) => {
    const points = pointsOf(terms.feeProposerShare, one.proposed * one.total, one.attested * one.weight);
    return all + (one.fees * points) / (basisPoints * one.blocks * one.total);
  }, 0n);
  const isNew = served.length === 0;
  return {
    blocks,
    proposed,
    attested,
    uptime: isNew ? null : Number((attested * basisPoints) / blocks) / 100,
    apr: isNew ? null : Number(earned / BigInt(served.length)) / 100,
    fees,
  };
}

/** Names of `Offence` in ISlashingManager.sol, by value. */
const offences = ["none", "equivocation", "broken-order", "absence", "wrong-claim", "silence", "broken-pin"] as const;

/** Every slash of the pool, oldest first; `taken` in METIS wei. */
async function slashesOf({ l1, deployment }: NodeBase) {
  const { slashingManager } = deployment.contracts;
  const count = await l1.read(slashingManagerAbi, slashingManager, "totalSlashes", []);
  return Promise.all(
    Array.from({ length: Number(count) }, async (_, i) => {
      const slashId = BigInt(i + 1);
      const slash = await l1.read(slashingManagerAbi, slashingManager, "slashOf", [slashId]);
      const taken = slash.own + slash.delegated + slash.exiting;
      return { slashId, seatId: slash.seqId, offence: offences[slash.offence] ?? "none", taken };
    }),
  );
}
