import { MetisError } from "./errors.ts";
import type { ChainConfig } from "./structs.ts";

/** Windows and limits that L1 contracts hold in SystemConfig. Times in seconds. */
export interface L1Parameters {
  readonly escapeDelay: number;
  readonly pinWindow: number;
  readonly challengeWindow: number;
  readonly traceWindow: number;
  readonly refuteWindow: number;
  readonly answerWindow: number;
  readonly evidenceWindow: number;
  readonly exitDelay: number;
  readonly proofTarget: number;
  readonly provenDelay: number;
  readonly slashEscrow: number;
  readonly guardianPause: number;
  readonly leakStart: number;
  readonly silentEjection: number;
  /** Least seats of a set that an emergency handover makes. */
  readonly minSeats: number;
  readonly jail: number;
  readonly daChallengeWindow: number;
  readonly daResolveWindow: number;
  readonly upgradeTimelock: number;
  /** METIS wei. */
  readonly minLock: bigint;
  readonly maxLock: bigint;
  readonly ejectionBelow: bigint;
  /** Seats in a set. */
  readonly maxSeats: number;
  /** What the reporter of an offence gets of the slash, in hundredths of a percent. */
  readonly reporterShare: number;
  /** METIS wei: least that is delegated at once, and left of a delegation. */
  readonly minDelegation: bigint;
  /** Most that a seat takes of its delegators' rewards, and that a raise adds, in hundredths of a percent. */
  readonly maxCommission: number;
  readonly commissionStep: number;
  /** METIS wei: most that staking pays for an epoch. */
  readonly epochCap: bigint;
  /** What staking pays a year, and the part of it for proposing blocks, in hundredths of a percent. */
  readonly rewardRate: number;
  readonly proposerShare: number;
  /** The part of L2's fees for proposing blocks, in hundredths of a percent. */
  readonly feeProposerShare: number;
  /** Wei of ETH a gas up to which posting is paid back: in all, beyond the base fee, and of blobs. */
  readonly gasPriceCap: bigint;
  readonly tipCap: bigint;
  readonly blobPriceCap: bigint;
  /** Between two raises. */
  readonly commissionPeriod: number;
}

/** What a chain config has beside its identity. */
export type ChainParameters = Omit<
  ChainConfig,
  "l1ChainId" | "l2ChainId" | "genesisAnchorNumber" | "genesisAnchorHash" | "genesisAnchorTime"
>;

/** A consistent set of values (design: protocol.md, "Parameters"). */
export interface Profile {
  readonly name: "devnet" | "fast" | "mainnet";
  /** Seconds. */
  readonly l1BlockTime: number;
  readonly chain: ChainParameters;
  readonly l1: L1Parameters;
}

/** Chain ids of a devnet: never those of a live network, where its signatures would be valid. */
export const devnetChainIds = { l1: 31_337n, l2: 901_088n } as const;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const metis = 10n ** 18n;
const gwei = 10n ** 9n;
/** How long a withdrawal takes beside the challenge window, at most. */
const withdrawalTime = (profile: Profile): number => profile.chain.maxBatchAge + profile.l1.provenDelay;

/** EIP-4844 and EIP-7691 update fractions; Osaka's BPO forks are appended per L1. */
const osakaBlobSchedule = [{ l1Timestamp: 0n, baseFeeUpdateFraction: 5_007_716n }] as const;

const sharedChain = {
  version: 1,
  pure: false,
  blockTime: 1,
  gasLimit: 30_000_000n,
  depositGasLimit: 15_000_000n,
  maxBlockBytes: 256 * 1024,
  maxBatchBytes: 720 * 1024,
  maxBatchAnchors: 4_096,
  /** 100 METIS for 1 ETH. */
  initialRate: 100n * metis,
  l1BaseFeeScalar: 5_227,
  l1BlobBaseFeeScalar: 1_014_213,
  blobSchedule: osakaBlobSchedule,
  forks: [],
} as const;

const sharedL1 = {
  minLock: 20_000n * metis,
  maxLock: 100_000n * metis,
  ejectionBelow: 18_000n * metis,
  maxSeats: 16,
  minSeats: 2,
  reporterShare: 2_000,
  minDelegation: metis,
  maxCommission: 5_000,
  commissionStep: 500,
  epochCap: 1_000n * metis,
  rewardRate: 2_000,
  proposerShare: 5_000,
  feeProposerShare: 5_000,
  gasPriceCap: 100n * gwei,
  tipCap: 2n * gwei,
  blobPriceCap: 50n * gwei,
} as const;

const devnet: Profile = {
  name: "devnet",
  l1BlockTime: 1,
  chain: {
    ...sharedChain,
    heartbeat: 10,
    term: 10,
    maxBatchAge: 6,
    maxDrift: 600,
    maxAnchorStep: 32,
    epochLength: 60,
    l1Depth: 2,
  },
  l1: {
    ...sharedL1,
    escapeDelay: 180,
    pinWindow: 30,
    challengeWindow: 120,
    traceWindow: 30,
    refuteWindow: 180,
    answerWindow: 30,
    evidenceWindow: 60,
    exitDelay: 600,
    proofTarget: 0,
    provenDelay: 5,
    slashEscrow: 60,
    guardianPause: 120,
    leakStart: 45,
    silentEjection: 120,
    jail: 60,
    commissionPeriod: 60,
    daChallengeWindow: 20,
    daResolveWindow: 20,
    upgradeTimelock: 300,
  },
};

const fast: Profile = {
  ...devnet,
  name: "fast",
  l1: {
    ...devnet.l1,
    challengeWindow: 10,
    traceWindow: 10,
    refuteWindow: 20,
    answerWindow: 10,
    evidenceWindow: 20,
    exitDelay: 90,
    leakStart: 30,
    silentEjection: 80,
    daChallengeWindow: 4,
    daResolveWindow: 4,
    upgradeTimelock: 60,
  },
};

const mainnet: Profile = {
  name: "mainnet",
  l1BlockTime: 12,
  chain: {
    ...sharedChain,
    heartbeat: minute,
    term: 30,
    maxBatchAge: 30 * minute,
    maxDrift: 30 * minute,
    maxAnchorStep: 64,
    epochLength: 300,
    l1Depth: 64,
  },
  l1: {
    ...sharedL1,
    escapeDelay: 12 * hour,
    pinWindow: hour,
    challengeWindow: 7 * day,
    traceWindow: day,
    refuteWindow: 2 * day,
    answerWindow: 12 * hour,
    evidenceWindow: 10 * day,
    exitDelay: 21 * day,
    proofTarget: 2 * hour,
    provenDelay: 2 * hour,
    slashEscrow: 14 * day,
    guardianPause: 7 * day,
    leakStart: hour,
    silentEjection: 6 * hour,
    jail: day,
    commissionPeriod: 7 * day,
    daChallengeWindow: 2 * hour,
    daResolveWindow: hour,
    upgradeTimelock: 14 * day,
  },
};

/** What a chain is deployed with, by name: relations hold between the numbers (`assertProfile`). */
export const profiles: Readonly<Record<Profile["name"], Profile>> = { devnet, fast, mainnet };

/** Seconds between two L1 slots' finality and its head, at worst: two epochs of 32 slots and one slot more. */
const mainnetFinalityLag = 65 * 12;

/** Parameters that contradict each other; nothing may start with them. */
export class ParameterError extends MetisError<"parameters-contradict", { readonly broken: readonly string[] }> {
  constructor(broken: readonly string[]) {
    super("parameters-contradict", "halt", `parameters contradict each other: ${broken.join("; ")}`, { broken });
  }
}

/** Relations between chain parameters; throws `ParameterError` naming every broken one. */
export function assertChainParameters(chain: ChainParameters): void {
  throwIfBroken(chainRelations(chain));
}

/** Relations within a whole profile; throws `ParameterError` naming every broken one. */
export function assertProfile(profile: Profile): void {
  const { chain, l1 } = profile;
  const windows = l1.challengeWindow + l1.traceWindow + l1.refuteWindow + l1.evidenceWindow;
  throwIfBroken({
    ...chainRelations(chain),
    "exitDelay > challenge + trace + refute + evidence windows": l1.exitDelay > windows,
    "daChallengeWindow + daResolveWindow < challengeWindow":
      l1.daChallengeWindow + l1.daResolveWindow < l1.challengeWindow,
    "heartbeat + maxBatchAge < leakStart": chain.heartbeat + chain.maxBatchAge < l1.leakStart,
    "leakStart < silentEjection": l1.leakStart < l1.silentEjection,
    "silentEjection + pinWindow < escapeDelay": l1.silentEjection + l1.pinWindow < l1.escapeDelay,
    "silentEjection < exitDelay": l1.silentEjection < l1.exitDelay,
    "upgradeTimelock > challengeWindow + withdrawal time":
      l1.upgradeTimelock > l1.challengeWindow + withdrawalTime(profile),
    "ejectionBelow < minLock < maxLock": l1.ejectionBelow < l1.minLock && l1.minLock < l1.maxLock,
    "proofTarget + provenDelay <= 4 h": l1.proofTarget + l1.provenDelay <= 4 * hour,
    "maxDrift > 1.5 x L1 finality lag":
      chain.maxDrift > 1.5 * Math.min(mainnetFinalityLag, (chain.l1Depth + 1) * profile.l1BlockTime),
  });
}

const chainRelations = (chain: ChainParameters): Record<string, boolean> => ({
  "version = 1": chain.version === 1,
  "blockTime >= 1": Number.isSafeInteger(chain.blockTime) && chain.blockTime >= 1,
  "heartbeat >= blockTime": chain.heartbeat >= chain.blockTime,
  "term >= 1": chain.term >= 1,
  "maxAnchorStep >= 1": chain.maxAnchorStep >= 1,
  "maxAnchorStep < epochLength": chain.maxAnchorStep < chain.epochLength,
  "maxAnchorStep <= maxBatchAnchors": chain.maxAnchorStep <= chain.maxBatchAnchors,
  "depositGasLimit <= gasLimit": chain.depositGasLimit <= chain.gasLimit,
  "maxBlockBytes <= maxBatchBytes": chain.maxBlockBytes <= chain.maxBatchBytes,
  "maxBatchBytes fits six blobs after deflate": chain.maxBatchBytes <= 720 * 1024,
  "blobSchedule is not empty": chain.pure || chain.blobSchedule.length > 0,
});

function throwIfBroken(relations: Record<string, boolean>): void {
  const broken = Object.entries(relations)
    .filter(([, holds]) => !holds)
    .map(([name]) => name);
  if (broken.length > 0) throw new ParameterError(broken);
}
