import type { SequencerSet } from "@metis/committee";
import { emissionReserveAbi, lockingPoolAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { memberCount, withdrawalHash } from "@metis/protocol";
import type { Epoch } from "@metis/protocol";
import { method, param } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { Address } from "viem";
import { EpochReports } from "../rewards/reports.ts";
import type { EpochCounts } from "../rewards/reports.ts";
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
}

/** The reserve's terms, in hundredths of a percent. */
interface RewardTerms {
  readonly rate: bigint;
  readonly proposerShare: bigint;
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
    return { set: await epochSets.of(its, 0), counts: await reports.countsOf(its, number) };
  });
  const [terms, epochReward, slashes, epochs] = await Promise.all([
    l1.read(emissionReserveAbi, emissionReserve, "parameters", []),
    l1.read(emissionReserveAbi, emissionReserve, "rewardOf", [totalWeight]),
    slashesOf(base),
    Promise.all(past),
  ]);
  const { rate, proposerShare } = { rate: BigInt(terms.rate), proposerShare: BigInt(terms.proposerShare) };
  const seats = members.map(async ({ signer, weight }) => {
    const seatId = await l1.read(lockingPoolAbi, lockingPool, "seqSigners", [signer]);
    const own = slashes.filter((slash) => slash.seatId === seatId);
    return Object.assign(recordOf(signer, epochs, { rate, proposerShare }), { seatId, signer, weight, slashes: own });
  });
  return { epoch, firstEpoch, rate: Number(rate) / 100, epochReward, members: await Promise.all(seats) };
}

/**
 * What a member did in the epochs that it was in: `uptime` in percent of the counted blocks, `apr` in percent of its weight a year, by
 * the formula of docs/spec/staking.md as long as neither the epochs' cap nor the reserve's end binds. Null: nothing was counted.
 */
export function recordOf(signer: Address, epochs: readonly PastEpoch[], { rate, proposerShare }: RewardTerms) {
  const served = epochs.flatMap(({ set, counts: { blocks, words } }) => {
    const index = set.members.findIndex((member) => member.signer === signer);
    const weight = set.members[index]?.weight;
    return weight === undefined || blocks === 0n
      ? []
      : [{ blocks, weight, total: set.totalWeight, ...memberCount(words, index) }];
  });
  const sum = (of: (epoch: (typeof served)[number]) => bigint): bigint =>
    served.reduce((all, one) => all + of(one), 0n);
  const [blocks, proposed, attested] = [
    sum((one) => one.blocks),
    sum((one) => one.proposed),
    sum((one) => one.attested),
  ];
  const earned = sum((one) => {
    if (one.attested * 2n < one.blocks) return 0n;
    const attesting = (basisPoints - proposerShare) * one.attested * one.weight;
    return (rate * (proposerShare * one.proposed * one.total + attesting)) / (basisPoints * one.blocks * one.weight);
  });
  const isNew = served.length === 0;
  return {
    blocks,
    proposed,
    attested,
    uptime: isNew ? null : Number((attested * basisPoints) / blocks) / 100,
    apr: isNew ? null : Number(earned / BigInt(served.length)) / 100,
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
