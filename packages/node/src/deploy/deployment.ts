import type { ChainConfig, GenesisConfig, Hash, OutputRootPreimage, Profile, SetMember } from "@metis/protocol";
import type { Account, Address, Transport } from "viem";
import type { L2Genesis } from "./genesis.ts";
import type { L1Contracts, PlanParameters } from "./plan.ts";
import type { InitialSeat } from "./seats.ts";

/** What `deployL1` is told. */
export interface DeployL1Parameters extends Omit<PlanParameters, "deployer"> {
  readonly transport: Transport;
  /** Pays for the deployment and holds the supply of a new METIS token. Keeps no power over the contracts. */
  readonly deployer: Account;
  readonly l2ChainId: bigint;
  readonly profile: Profile;
  /** Seats of the start, with the set of epochs 0 and 1. */
  readonly seats: readonly InitialSeat[];
  /** Whether anyone with the stake may take a seat. Default false: whom SystemConfig's owner admits. */
  readonly permissionless?: boolean;
  /** May pause withdrawals. */
  readonly guardian: Address;
  /** May refund a slash while it is in escrow. Default: the timelock. */
  readonly council?: Address;
  /** Gets slashed METIS after the escrow. Default: it is burned. */
  readonly insuranceFund?: Address;
  /** METIS wei that staking is paid from, out of the deployer's METIS. Default: none; anyone may send it METIS later. */
  readonly emissionReserve?: bigint;
  /** METIS wei on L2 at genesis, backed from the deployer's METIS. */
  readonly balances: Readonly<Record<Address, bigint>>;
  /** L1 block that L2 starts from; "finalized" where L1 can reorganise. */
  readonly anchor: bigint | "latest" | "finalized";
  /** Computes the roots and the hash of block 0. */
  readonly sealGenesis: (genesis: L2Genesis) => Promise<OutputRootPreimage>;
  /** Told of every step done. */
  readonly onStep?: (what: string) => void;
}

/** What `deployL1` made: everything a node must know of its chain. */
export interface L1Deployment {
  readonly chainConfig: ChainConfig;
  readonly genesisConfig: GenesisConfig;
  readonly contracts: L1Contracts;
  readonly l2Genesis: L2Genesis;
  readonly genesisOutputRoot: Hash;
  /** The set of epochs 0 and 1, strictly ascending by signer. */
  readonly sequencers: readonly SetMember[];
}
