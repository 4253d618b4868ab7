import { encodeFunctionData, erc20Abi, type Account, type Address } from "viem";
import { readContract } from "viem/actions";
import { send, type WalletLike } from "../utils/send.ts";
import { confirmed } from "../utils/confirmed.ts";

export interface EnsureAllowanceParameters {
  readonly account: Account;
  readonly token: Address;
  readonly spender: Address;
  readonly amount: bigint;
}

/** Approves exactly `amount` unless the allowance is there already, and waits for it. */
export async function ensureAllowance(client: WalletLike, parameters: EnsureAllowanceParameters): Promise<void> {
  const { account, token, spender, amount } = parameters;
  const args = [account.address, spender] as const;
  const allowance = await readContract(client, { address: token, abi: erc20Abi, functionName: "allowance", args });
  if (allowance >= amount) return;
  const data = encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [spender, amount] });
  await confirmed(client, await send(client, { account, to: token, data, abi: erc20Abi, functionName: "approve" }));
}
