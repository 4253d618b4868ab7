import { createBlock } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP } from "@ethereumjs/tx";
import { createAccount, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM, runBlock } from "@ethereumjs/vm";
import type { Address } from "viem";
import { chainId } from "../testing/rollup.ts";
import type { Signed } from "./wallets.ts";

/** Executes a block from its bytes: receipts and state root, with the trie in memory. */
export type EthereumjsChain = (transactions: readonly Signed[]) => Promise<void>;

export async function ethereumjsChain(funded: readonly Address[]): Promise<EthereumjsChain> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Osaka });
  const stateManager = new MerkleStateManager({ common });
  await stateManager.checkpoint();
  for (const address of funded)
    await stateManager.putAccount(createAddressFromString(address), createAccount({ balance: 10n ** 24n }));
  await stateManager.commit();
  const vm = await createVM({ common, stateManager });
  let number = 1n;
  return async (signed) => {
    const transactions = signed.map(({ raw }) => createTxFromRLP(hexToBytes(raw), { common }));
    const header = { number, timestamp: 1_800_000_000n + number, gasLimit: 30_000_000n, baseFeePerGas: 10n ** 9n };
    const block = createBlock({ header, transactions }, { common, skipConsensusFormatValidation: true });
    const { receipts } = await runBlock(vm, { block, generate: true, skipBlockValidation: true });
    if (receipts.some((receipt) => "status" in receipt && receipt.status !== 1)) throw new Error("ethereumjs: failed");
    number++;
  };
}
