import { l1StandardBridgeAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Address, type Hash } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { ensureAllowance } from "./ensureAllowance.ts";

export interface DepositErc20Parameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "l1StandardBridge">;
  readonly l1Token: Address;
  /** Stands for `l1Token` on L2: made by `createBridgedToken`. */
  readonly l2Token: Address;
  /** In the token's smallest unit. */
  readonly amount: bigint;
  /** Recipient on L2. Default: the sender. */
  readonly to?: Address;
  /** L2 gas for finalising; the bridge gives 200,000 at least. */
  readonly minGasLimit?: number;
}
/** Hash of the L1 transaction. */
export type DepositErc20ReturnType = Hash;
/** `ClientError`: no-account, contract-refused, transaction-reverted (of the approval). */
export type DepositErc20ErrorType = Error;

/**
 * Moves an ERC-20 from L1 to L2; approves the bridge first when its allowance is too small.
 *
 * @example
 * const hash = await l1Wallet.depositErc20({ l1Token, l2Token, amount: 5n });
 */
export async function depositErc20(
  client: WalletLike,
  parameters: DepositErc20Parameters,
): Promise<DepositErc20ReturnType> {
  const { contracts, l1Token, l2Token, amount, to, minGasLimit = 0 } = parameters;
  const account = actingAccount(client, parameters);
  const bridge = contracts.l1StandardBridge;
  await ensureAllowance(client, { account, token: l1Token, spender: bridge, amount });
  const abi = l1StandardBridgeAbi;
  const functionName = "bridgeERC20To";
  const args = [l1Token, l2Token, to ?? account.address, amount, minGasLimit, "0x"] as const;
  return send(client, {
    account,
    to: bridge,
    data: encodeFunctionData({ abi, functionName, args }),
    abi,
    functionName,
  });
}
