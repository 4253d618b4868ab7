import type { Address } from "viem";

/** Contracts that exist on L2 from block 0 (docs/spec/contracts.md, "L2 predeploys"). */
export const predeploys = {
  l2CrossDomainMessenger: "0x4200000000000000000000000000000000000007",
  metisEth: "0x420000000000000000000000000000000000000a",
  gasPriceOracle: "0x420000000000000000000000000000000000000f",
  l2StandardBridge: "0x4200000000000000000000000000000000000010",
  sequencerFeeVault: "0x4200000000000000000000000000000000000011",
  mintableErc20Factory: "0x4200000000000000000000000000000000000012",
  l1Block: "0x4200000000000000000000000000000000000015",
  l2ToL1MessagePasser: "0x4200000000000000000000000000000000000016",
  proxyAdmin: "0x4200000000000000000000000000000000000018",
  baseFeeVault: "0x4200000000000000000000000000000000000019",
  l1FeeVault: "0x420000000000000000000000000000000000001a",
  metisSequencerSet: "0x4200000000000000000000000000000000000030",
  history: "0x0000f90827f1c53a10cb7a02335b175320002935",
  beaconRoots: "0x000f3df6d732807ef1319fb7b8bb8522d0beac02",
  multicall3: "0xca11bde05977b3631167028862be2a173976ca11",
  deterministicDeployer: "0x4e59b44847b379578588920ca78fbf26c0b4956c",
  permit2: "0x000000000022d473030f116ddee9f6b43ac78ba3",
} as const satisfies Record<string, Address>;

/** Sender of the system transaction that writes L1Block. */
export const systemSender: Address = "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001";
/** Gas of the system transaction; counts in no block limit. */
export const systemTransactionGas = 1_000_000n;
/** Added to an L1 contract's address to name it on L2 (the low 160 bits of the sum). */
export const addressAlias = 0x1111_0000_0000_0000_0000_0000_0000_0000_0000_1111n;
