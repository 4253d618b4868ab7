import { slashingManagerAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Address, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingAbi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

/** SlashingManager's functions with the errors of what it asks. */
const abi = [...slashingManagerAbi, ...stakingAbi.filter(({ type }) => type === "error")] as const;

/** Whose part of a refunded slash: a delegator's, or an exit's. The seat's owner has its own at once. */
export type RefundClaimant = { readonly delegator: Address } | { readonly exitId: bigint };

export type ClaimRefundParameters = SendOptions & {
  readonly contracts: StakingRoot;
  readonly slashId: bigint;
} & RefundClaimant;
/** Hash of the L1 transaction. */
export type ClaimRefundReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type ClaimRefundErrorType = Error;

/**
 * Credits a delegator, or an exit's owner, with its part of a slash that the council gave back. Anyone may send it;
 * `withdrawSlashing` pays it.
 *
 * @example
 * const hash = await l1Wallet.claimRefund({ slashId: 1n, delegator: account.address });
 */
export async function claimRefund(
  client: WalletLike,
  { contracts, slashId, ...options }: ClaimRefundParameters,
): Promise<ClaimRefundReturnType> {
  const { slashingManager } = await stakingContracts(client, contracts);
  const { account } = options;
  const request = { ...(account !== undefined && { account }), to: slashingManager, abi };
  if ("exitId" in options) {
    const functionName = "claimExitRefund";
    const data = encodeFunctionData({ abi, functionName, args: [slashId, options.exitId] });
    return send(client, { ...request, data, functionName });
  }
  const functionName = "claimDelegatorRefund";
  const data = encodeFunctionData({ abi, functionName, args: [slashId, options.delegator] });
  return send(client, { ...request, data, functionName });
}
