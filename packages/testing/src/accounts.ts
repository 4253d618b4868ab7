import { mnemonicToAccount, type HDAccount } from "viem/accounts";

/** The phrase every anvil starts with. Its keys are public: they must never hold value on a live network. */
export const devnetMnemonic = "test test test test test test test test test test test junk";

/** Account `index` of the well-known phrase; anvil funds the first ten with ETH. */
export const devAccount = (index: number): HDAccount => mnemonicToAccount(devnetMnemonic, { addressIndex: index });
