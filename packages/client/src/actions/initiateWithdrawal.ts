import { predeploys } from "@metis/protocol";
import { l2StandardBridgeAbi, l2ToL1MessagePasserAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Address, type Hash, type Hex } from "viem";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";

interface Common extends SendOptions {
  /** In the smallest unit. */
  readonly amount: bigint;
  /** Recipient on L1. Default: the sender. */
  readonly to?: Address;
}
/** METIS straight through the message passer, with an optional call on L1. */
export interface WithdrawMetis extends Common {
  readonly asset: "metis";
  /** Call of `to` on L1 after it has been paid. */
  readonly data?: Hex;
  /** L1 gas that the call is given at least. Default 0 without data, else 200,000. */
  readonly gasLimit?: bigint;
}
export interface WithdrawEth extends Common {
  readonly asset: "eth";
}
export interface WithdrawErc20 extends Common {
  readonly asset: "erc20";
  readonly l1Token: Address;
  readonly l2Token: Address;
}
export type InitiateWithdrawalParameters = WithdrawMetis | WithdrawEth | WithdrawErc20;
/** Hash of the L2 transaction; `getWithdrawal(receipt)` reads the withdrawal out of its receipt. */
export type InitiateWithdrawalReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type InitiateWithdrawalErrorType = Error;

const callGas = 200_000n;

/**
 * Starts a withdrawal of METIS, ETH (MetisETH is burnt) or a bridged ERC-20 to L1.
 *
 * @example
 * const hash = await l2Wallet.initiateWithdrawal({ asset: "metis", amount: parseEther("1") });
 * const withdrawal = getWithdrawal(await l2Client.waitForTransactionReceipt({ hash }));
 */
export async function initiateWithdrawal(
  client: WalletLike,
  parameters: InitiateWithdrawalParameters,
): Promise<InitiateWithdrawalReturnType> {
  const account = actingAccount(client, parameters);
  const to = parameters.to ?? account.address;
  if (parameters.asset === "metis") {
    const { amount: value, data: message = "0x" } = parameters;
    const gasLimit = parameters.gasLimit ?? (message === "0x" ? 0n : callGas);
    const abi = l2ToL1MessagePasserAbi;
    const functionName = "initiateWithdrawal";
    const data = encodeFunctionData({ abi, functionName, args: [to, gasLimit, message] });
    return send(client, { account, to: predeploys.l2ToL1MessagePasser, data, value, abi, functionName });
  }
  const abi = l2StandardBridgeAbi;
  const bridge = predeploys.l2StandardBridge;
  const { amount } = parameters;
  if (parameters.asset === "eth") {
    const functionName = "bridgeETHTo";
    const data = encodeFunctionData({ abi, functionName, args: [to, amount, 0, "0x"] });
    return send(client, { account, to: bridge, data, abi, functionName });
  }
  const functionName = "bridgeERC20To";
  const args = [parameters.l2Token, parameters.l1Token, to, amount, 0, "0x"] as const;
  return send(client, {
    account,
    to: bridge,
    data: encodeFunctionData({ abi, functionName, args }),
    abi,
    functionName,
  });
}
