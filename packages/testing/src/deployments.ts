import { profiles } from "@metis/protocol";
import type { GenesisConfig } from "@metis/protocol";
import type { DeployL1Parameters } from "@metis/node";
import { http, keccak256, numberToHex, parseEther, stringToHex, type Address } from "viem";
import type { Anvil } from "./anvil.ts";
import { sealGenesisByOracle } from "./genesisOracle.ts";

/**
 * What `deployL1` takes for a small chain on `anvil`: the devnet's rules, 1,000,000 METIS with account 0, governor 1, guardian 2, and a
 * seat of 20,000 METIS that account 4 owns and account 3 signs for. `more` stands in place of any of it.
 */
export const smallDeployment = (anvil: Anvil, more: Partial<DeployL1Parameters> = {}): DeployL1Parameters => ({
  transport: http(anvil.url),
  deployer: anvil.account(0),
  profile: profiles.devnet,
  l2ChainId: 901_088n,
  salt: keccak256(stringToHex("test")),
  governors: [anvil.account(1).address],
  guardian: anvil.account(2).address,
  metis: { supply: parseEther("1000000") },
  seats: [{ owner: anvil.account(4).address, amount: parseEther("20000"), signer: anvil.account(3) }],
  balances: {},
  anchor: "latest",
  sealGenesis: sealGenesisByOracle,
  ...more,
});

const address = (value: number): Address => numberToHex(value, { size: 20 });

/** The config of a chain that is nowhere, for what depends on its hash alone. */
export const genesisConfigOf = (l2ChainId: bigint): GenesisConfig => ({
  l1ChainId: 1n,
  l2ChainId,
  batchInbox: address(1),
  portal: address(2),
  stateClaims: address(3),
  systemConfig: address(4),
  metisToken: address(5),
  l1Messenger: address(6),
  l1StandardBridge: address(7),
  l2GenesisHash: numberToHex(8, { size: 32 }),
});
