import { metisTokenAbi } from "@metis/protocol/contracts";
import { createClient, encodeFunctionData, http, type Address } from "viem";
import { getTransactionCount, sendTransaction, waitForTransactionReceipt } from "viem/actions";
import { devAccounts } from "./accounts.ts";

/** Gives every user `amount` METIS wei on L1, out of what the deployer holds. Ether they have from anvil. */
export async function fundUsers(l1Url: string, metisToken: Address, amount: bigint): Promise<void> {
  const client = createClient({ transport: http(l1Url), pollingInterval: 50 });
  const { account } = devAccounts.deployer;
  const first = await getTransactionCount(client, { address: account.address });
  const hashes = await Promise.all(
    devAccounts.users.map(({ account: { address } }, index) => {
      const data = encodeFunctionData({ abi: metisTokenAbi, functionName: "transfer", args: [address, amount] });
      return sendTransaction(client, { account, chain: null, to: metisToken, data, nonce: first + index });
    }),
  );
  await Promise.all(hashes.map((hash) => waitForTransactionReceipt(client, { hash })));
}
