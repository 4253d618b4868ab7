import { heartbeatTypes } from "@metis/protocol";
import { batchInboxAbi, emergencyHandoverAbi as abi, systemConfigAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash, type LocalAccount } from "viem";
import { getBlock, readContract } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import { send, type ReaderLike, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts } from "../utils/staking.ts";

export interface SendHeartbeatParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "batchInbox" | "systemConfig">;
  /** The seat's key. Another account may pay for the transaction. */
  readonly signer: Pick<LocalAccount, "signTypedData">;
}
/** Hash of the L1 transaction. */
export type SendHeartbeatReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type SendHeartbeatErrorType = Error;

/**
 * Tells L1 that a seat is there while no batch comes: who is silent loses its part in what the pool does next
 * (docs/spec/below-two-thirds.md). What is signed is good for the next 32 blocks of L1.
 *
 * @example
 * await l1Wallet.sendHeartbeat({ signer: privateKeyToAccount(seatKey) });
 */
export async function sendHeartbeat(
  client: WalletLike,
  { contracts, signer, ...options }: SendHeartbeatParameters,
): Promise<SendHeartbeatReturnType> {
  const [{ emergencyHandover: to }, domain, message] = await Promise.all([
    stakingContracts(client, contracts),
    domainOf(client, contracts),
    beatNow(client, contracts),
  ]);
  const signature = await signer.signTypedData({ domain, types: heartbeatTypes, primaryType: "Heartbeat", message });
  const functionName = "heartbeat";
  const data = encodeFunctionData({ abi, functionName, args: [message, signature] });
  return send(client, { ...options, to, data, abi, functionName });
}

/** The domain of everything that seats sign (docs/spec/structs.md). */
async function domainOf(client: ReaderLike, { batchInbox, systemConfig }: SendHeartbeatParameters["contracts"]) {
  const [salt, { l2ChainId }] = await Promise.all([
    readContract(client, { address: batchInbox, abi: batchInboxAbi, functionName: "genesisConfigHash" }),
    readContract(client, { address: systemConfig, abi: systemConfigAbi, functionName: "chainRules" }),
  ]);
  return { name: "Metis", version: "1", chainId: l2ChainId, verifyingContract: batchInbox, salt };
}

async function beatNow(client: ReaderLike, { batchInbox }: SendHeartbeatParameters["contracts"]) {
  const inbox = { address: batchInbox, abi: batchInboxAbi } as const;
  const [{ number, parentHash }, generation, epoch] = await Promise.all([
    getBlock(client),
    readContract(client, { ...inbox, functionName: "generation" }),
    readContract(client, { ...inbox, functionName: "nextEpoch" }),
  ]);
  // L1 knows the hash of a block only in the next one: the head itself may be too young for whoever simulates the call.
  return { generation, epoch, l1BlockNumber: number - 1n, l1BlockHash: parentHash };
}
