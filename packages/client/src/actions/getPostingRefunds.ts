import { epochOf } from "@metis/protocol";
import { posterVaultAbi as abi, systemConfigAbi } from "@metis/protocol/contracts";
import type { Address } from "viem";
import { getBlockNumber, readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetPostingRefundsParameters {
  readonly contracts: StakingRoot;
  /** Whoever posts a seat's batches. */
  readonly account: Address;
}
export interface GetPostingRefundsReturnType {
  /** METIS wei that `withdrawPostingRefunds` of these epochs pays. */
  readonly amount: bigint;
  readonly epochs: readonly bigint[];
}
/** What viem throws when the endpoint does not answer. */
export type GetPostingRefundsErrorType = Error;

/** Epochs that are looked through. */
const epochsBack = 512n;

/**
 * What an account is paid back for batches that it posted, in the last 512 epochs. An epoch is paid for once its report has reached L1.
 *
 * @example
 * const { amount, epochs } = await l1Client.getPostingRefunds({ account: account.address });
 */
export async function getPostingRefunds(
  client: ReaderLike,
  { contracts, account }: GetPostingRefundsParameters,
): Promise<GetPostingRefundsReturnType> {
  const [{ posterVault: address }, rules, l1Block] = await Promise.all([
    stakingContracts(client, contracts),
    readContract(client, { address: contracts.systemConfig, abi: systemConfigAbi, functionName: "chainRules" }),
    getBlockNumber(client, { cacheTime: 0 }),
  ]);
  const current = epochOf(rules, l1Block);
  const first = current > epochsBack ? current - epochsBack : 0n;
  const all = Array.from({ length: Number(current - first) }, (_, index) => first + BigInt(index));
  const amounts = await readContract(client, { address, abi, functionName: "refundsOf", args: [account, all] });
  return {
    amount: amounts.reduce((sum, amount) => sum + amount, 0n),
    epochs: all.filter((_, index) => amounts[index]! > 0n),
  };
}
