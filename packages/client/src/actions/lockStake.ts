import { encodeFunctionData, type Address, type Hash } from "viem";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { SignerProof } from "../utils/signerProof.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";
import { ensureAllowance } from "./ensureAllowance.ts";

export interface LockStakeParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** METIS wei. */
  readonly amount: bigint;
  /** Of the key that will sign for the seat, made by `proveSigner`. */
  readonly signer: SignerProof;
  /** Default: the owner. */
  readonly rewardRecipient?: Address;
}
/** Hash of the L1 transaction. */
export type LockStakeReturnType = Hash;
/** `ClientError`: no-account, contract-refused, transaction-reverted (of the approval). */
export type LockStakeErrorType = Error;

/**
 * Takes a seat for the account with its METIS; approves the escrow first when its allowance is too small.
 *
 * @example
 * const hash = await l1Wallet.lockStake({ amount: parseEther("20000"), signer: await proveSigner({ ... }) });
 */
export async function lockStake(client: WalletLike, parameters: LockStakeParameters): Promise<LockStakeReturnType> {
  const { amount, signer } = parameters;
  const account = actingAccount(client, parameters);
  const { lockingPool, lockingInfo, metisToken } = await stakingContracts(client, parameters.contracts);
  await ensureAllowance(client, { account, token: metisToken, spender: lockingInfo, amount });
  const functionName = "lockWithRewardRecipient";
  const recipient = parameters.rewardRecipient ?? account.address;
  const args = [signer.signer, recipient, amount, signer.publicKey, signer.proof] as const;
  return send(client, {
    account,
    to: lockingPool,
    data: encodeFunctionData({ abi, functionName, args }),
    abi,
    functionName,
  });
}
