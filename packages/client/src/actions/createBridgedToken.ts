import { predeploys } from "@metis/protocol";
import { mintableERC20FactoryAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, parseEventLogs, type Address } from "viem";
import { ClientError } from "../errors.ts";
import { confirmed } from "../utils/confirmed.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface CreateBridgedTokenParameters extends SendOptions {
  readonly l1Token: Address;
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
}
/** Address on L2. */
export type CreateBridgedTokenReturnType = Address;
/** `ClientError`: no-account, contract-refused, transaction-reverted. */
export type CreateBridgedTokenErrorType = Error;

/**
 * Makes the L2 token that stands for an L1 one. Anyone may; only the bridge can mint it.
 *
 * @example
 * const l2Token = await l2Wallet.createBridgedToken({ l1Token, name: "Gold", symbol: "GLD", decimals: 18 });
 */
export async function createBridgedToken(
  client: WalletLike,
  parameters: CreateBridgedTokenParameters,
): Promise<CreateBridgedTokenReturnType> {
  const { l1Token, name, symbol, decimals, ...options } = parameters;
  const abi = mintableERC20FactoryAbi;
  const functionName = "createMintableERC20";
  const data = encodeFunctionData({ abi, functionName, args: [l1Token, name, symbol, decimals] });
  const to = predeploys.mintableErc20Factory;
  const { logs } = await confirmed(client, await send(client, { ...options, to, data, abi, functionName }));
  const [created] = parseEventLogs({ abi, eventName: "MintableERC20Created", logs });
  if (!created) throw new ClientError("contract-refused", "the token factory made no token", { l1Token });
  return created.args.localToken;
}
