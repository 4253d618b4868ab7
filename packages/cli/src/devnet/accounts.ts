import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import type { PrivateKeyAccount } from "viem/accounts";
import { bytesToHex } from "viem";
import type { Hex } from "viem";

/** What anvil's keys are derived from: everybody knows it. Worth nothing outside a devnet. */
const mnemonic = "test test test test test test test test test test test junk";
const firstSigner = 8;
const firstBatcher = 40;

export interface DevAccount {
  readonly key: Hex;
  readonly account: PrivateKeyAccount;
}

const root = mnemonicToAccount(mnemonic, { path: "m/44'/60'/0'/0" }).getHdKey();

function accountAt(index: number): DevAccount {
  const key = bytesToHex(root.deriveChild(index).privateKey!);
  return { key, account: privateKeyToAccount(key) };
}

/** Who holds what on a devnet. Users have 10,000 ETH on L1, and METIS on both layers. */
export const devAccounts = {
  users: [0, 1, 2, 3, 4].map(accountAt),
  deployer: accountAt(5),
  guardian: accountAt(6),
} as const;

/** The keys of seat `index`, 0 to 31: one signs for it, the other pays for what it posts on L1. */
export const seatAccounts = (index: number): { readonly signer: DevAccount; readonly batcher: DevAccount } => ({
  signer: accountAt(firstSigner + index),
  batcher: accountAt(firstBatcher + index),
});
