import { l1StandardBridgeAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Address, type Hash } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface DepositEthParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "l1StandardBridge">;
  /** Wei. */
  readonly amount: bigint;
  /** Recipient on L2. Default: the sender. */
  readonly to?: Address;
  /** L2 gas for finalising; the bridge gives 200,000 at least. */
  readonly minGasLimit?: number;
}
/** Hash of the L1 transaction. */
export type DepositEthReturnType = Hash;
/** `ClientError`: no-account, contract-refused (ZeroAmount, ForbiddenRecipient...). */
export type DepositEthErrorType = Error;

/**
 * Moves ETH from L1 to L2, where it is the ERC-20 MetisETH.
 *
 * @example
 * const hash = await l1Wallet.depositEth({ amount: parseEther("1") });
 */
export async function depositEth(client: WalletLike, parameters: DepositEthParameters): Promise<DepositEthReturnType> {
  const { contracts, amount, to, minGasLimit = 0 } = parameters;
  const account = actingAccount(client, parameters);
  const abi = l1StandardBridgeAbi;
  const functionName = "bridgeETHTo";
  const data = encodeFunctionData({ abi, functionName, args: [to ?? account.address, minGasLimit, "0x"] });
  return send(client, { account, to: contracts.l1StandardBridge, data, value: amount, abi, functionName });
}
