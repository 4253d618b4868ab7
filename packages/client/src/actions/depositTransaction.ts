import { minDepositGas } from "@metis/protocol";
import { metisTokenAbi, portalAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, size, zeroAddress, type Address, type Hash, type Hex } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { allowMetis, type PermitSignature } from "./allowMetis.ts";

export interface DepositTransactionParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "portal" | "metisToken">;
  /** Recipient on L2; null creates a contract from `data`. */
  readonly to: Address | null;
  /** METIS wei that the call carries on L2. Default 0. */
  readonly value?: bigint;
  /** METIS wei taken on L1 and credited to the sender on L2. Default 0: `value` comes from what it has there. */
  readonly mint?: bigint;
  /** L2 gas. Default: the least the portal takes for `data`. */
  readonly gasLimit?: bigint;
  readonly data?: Hex;
  /** How the portal gets its allowance over `mint`. Default "permit": one transaction, signed typed data. */
  readonly allowance?: "permit" | "approve" | "present";
}
/** Hash of the L1 transaction. */
export type DepositTransactionReturnType = Hash;
/** `ClientError`: no-account, contract-refused (DepositGasExhausted, GasLimitTooLow, DataTooLong...). */
export type DepositTransactionErrorType = Error;

/**
 * Queues a transaction for L2 on L1: the way in for METIS, and past a sequencer that does not serve the sender.
 * Nobody can leave it out: the block that moves the anchor to this L1 block takes it.
 *
 * @example
 * const hash = await l1Wallet.depositTransaction({ to: "0x…", data: "0x…", gasLimit: 100_000n });
 */
export async function depositTransaction(
  client: WalletLike,
  parameters: DepositTransactionParameters,
): Promise<DepositTransactionReturnType> {
  const { contracts, to, value = 0n, mint = 0n, data = "0x", allowance = "permit" } = parameters;
  const { portal } = contracts;
  const account = actingAccount(client, parameters);
  const gasLimit = parameters.gasLimit ?? minDepositGas(size(data));
  const args = [to ?? zeroAddress, mint, value, gasLimit, to === null, data] as const;
  let permit: PermitSignature | undefined;
  if (mint > 0n && allowance !== "present")
    permit = await allowMetis(client, { account, contracts, spender: portal, amount: mint, by: allowance });
  const [functionName, call] = permit
    ? ([
        "depositTransactionWithPermit",
        encodeFunctionData({
          abi: portalAbi,
          functionName: "depositTransactionWithPermit",
          args: [...args, permit.deadline, permit.v, permit.r, permit.s],
        }),
      ] as const)
    : ([
        "depositTransaction",
        encodeFunctionData({ abi: portalAbi, functionName: "depositTransaction", args }),
      ] as const);
  // The token's errors come through the portal.
  return send(client, { account, to: portal, data: call, abi: [...portalAbi, ...metisTokenAbi], functionName });
}
