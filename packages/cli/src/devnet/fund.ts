import { metisTokenAbi } from "@metis/protocol/contracts";
import { createClient, encodeFunctionData, http, parseEther, type Address, type Hex } from "viem";
import { getTransactionCount, sendTransaction, waitForTransactionReceipt } from "viem/actions";
import { devAccounts } from "./accounts.ts";

/** Ether of a seat's accounts, the one that owns the stake and the one that posts: batches of weeks. */
const seatEther = parseEther("100");

interface Payment {
  readonly to: Address;
  readonly value?: bigint;
  readonly data?: Hex;
}

/** Gives every user `amount` METIS wei on L1, and every account of a seat ether, out of what the deployer holds. */
export async function fundAccounts(
  l1Url: string,
  metisToken: Address,
  amount: bigint,
  payers: readonly Address[],
): Promise<void> {
  const users = devAccounts.users.map(({ account: { address } }): Payment => {
    const data = encodeFunctionData({ abi: metisTokenAbi, functionName: "transfer", args: [address, amount] });
    return { to: metisToken, data };
  });
  await pay(l1Url, [...users, ...payers.map((to) => ({ to, value: seatEther }))]);
}

async function pay(l1Url: string, payments: readonly Payment[]): Promise<void> {
  const client = createClient({ transport: http(l1Url), pollingInterval: 50 });
  const { account } = devAccounts.deployer;
  const first = await getTransactionCount(client, { address: account.address });
  const hashes = await Promise.all(
    payments.map((payment, index) =>
      sendTransaction(client, { account, chain: null, nonce: first + index, ...payment }),
    ),
  );
  // As in a deployment: no block follows that a search for replacements could use in place of the one it missed.
  await Promise.all(hashes.map((hash) => waitForTransactionReceipt(client, { hash, checkReplacement: false })));
}
