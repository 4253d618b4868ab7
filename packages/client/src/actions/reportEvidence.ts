import { emergencyHandoverAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { decodeFunctionData, isAddressEqual, type Hash, type Hex } from "viem";
import { ClientError } from "../errors.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";
import type { Evidence } from "./getEvidence.ts";

export interface ReportEvidenceParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** As a node gave it: nothing of it is believed but that L1 may take it. */
  readonly evidence: Pick<Evidence, "to" | "data">;
}
/** Hash of the L1 transaction. */
export type ReportEvidenceReturnType = Hash;
/** `ClientError`: no-account, evidence-malformed, contract-refused. */
export type ReportEvidenceErrorType = Error;

/** Each contract's calls that take evidence, and the errors of both. */
const abi = [...slashingManagerAbi, ...emergencyHandoverAbi];
const takers = {
  slashingManager: [
    "reportEquivocation",
    "reportDoubleSequence",
    "reportBrokenOrder",
    "reportAbsence",
    "reportNoProposal",
  ],
  emergencyHandover: ["reportPinBroken"],
} as const;

/**
 * Brings evidence to L1, which slashes the seat that it is against and owes the caller the reporter's share (`withdrawSlashing`).
 * A call of anything but what takes evidence is not sent.
 *
 * @example
 * const hash = await l1Wallet.reportEvidence({ evidence });
 */
export async function reportEvidence(
  client: WalletLike,
  { contracts, evidence: { to, data }, ...options }: ReportEvidenceParameters,
): Promise<ReportEvidenceReturnType> {
  const staking = await stakingContracts(client, contracts);
  const functionName = functionIn(data);
  const taker = Object.entries(takers).find(([, functions]) =>
    (functions as readonly string[]).includes(functionName ?? ""),
  );
  if (functionName === undefined || !taker || !isAddressEqual(to, staking[taker[0] as keyof typeof takers]))
    throw new ClientError("evidence-malformed", "this is not a call that takes evidence: nothing was sent", {
      to,
      data,
    });
  return send(client, { ...options, to, data, abi, functionName });
}

function functionIn(data: Hex): string | undefined {
  try {
    return decodeFunctionData({ abi, data }).functionName;
  } catch {
    // Nothing that these contracts know.
    return undefined;
  }
}
