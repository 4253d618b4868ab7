import { encodeFunctionData, type Hash } from "viem";
import { governanceAbi as abi, timelockOf } from "../utils/governance.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { StakingRoot } from "../utils/staking.ts";

export interface CancelProposalParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly id: Hash;
}
/** Hash of the L1 transaction. */
export type CancelProposalReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type CancelProposalErrorType = Error;

/**
 * Takes a proposal back that has not been carried out, as one of the timelock's governors.
 *
 * @example
 * const hash = await l1Wallet.cancelProposal({ id });
 */
export async function cancelProposal(
  client: WalletLike,
  { contracts, id, ...options }: CancelProposalParameters,
): Promise<CancelProposalReturnType> {
  const functionName = "cancel";
  const data = encodeFunctionData({ abi, functionName, args: [id] });
  return send(client, { ...options, to: await timelockOf(client, contracts), data, abi, functionName });
}
