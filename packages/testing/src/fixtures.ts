import { metisTokenAbi, metisTokenBytecode } from "@metis/protocol/contracts";
import type { Account, Address, Chain, Client, Hash, Hex, PublicActions, Transport, WalletActions } from "viem";
import { encodeDeployData } from "viem";

/** A client that sends and reads, on either layer. */
export type FixtureClient = Client<
  Transport,
  Chain,
  undefined,
  undefined,
  PublicActions<Transport, Chain> & WalletActions<Chain>
>;

/**
 * Adds one to its storage slot 0 whatever it is called with, and returns the sum.
 * Init code that returns: PUSH1 0 SLOAD PUSH1 1 ADD DUP1 PUSH1 0 SSTORE PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN.
 */
export const counterBytecode: Hex = "0x60128060095f395ff36000546001018060005560005260206000f3";

/** Deploys an ERC-20 with permit whose whole supply `account` holds. */
export const deployToken = (client: FixtureClient, account: Account, supply: bigint): Promise<Address> =>
  deploy(
    client,
    account,
    encodeDeployData({ abi: metisTokenAbi, bytecode: metisTokenBytecode, args: [account.address, supply] }),
  );

/** Deploys `counterBytecode`. */
export const deployCounter = (client: FixtureClient, account: Account): Promise<Address> =>
  deploy(client, account, counterBytecode);

async function deploy(client: FixtureClient, account: Account, data: Hex): Promise<Address> {
  const hash: Hash = await client.sendTransaction({ account, data, chain: client.chain });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  if (!contractAddress) throw new Error(`${hash} made no contract`);
  return contractAddress;
}
