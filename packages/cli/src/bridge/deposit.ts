import { depositErc20, depositEth, depositMetis, getL2TransactionHash, waitForDeposit } from "@metis/client";
import { l2CrossDomainMessengerAbi } from "@metis/protocol/contracts";
import { MetisError } from "@metis/protocol";
import { parseEventLogs, type Address, type Hash } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { parseAddress } from "../addresses.ts";
import { parseAmount, parseAsset, showAmount, type Asset } from "../amounts.ts";
import { UsageError, toJson, type Io } from "../io.ts";
import { openNetwork, type Network, type NetworkFlags } from "../network.ts";
import { throughOutages } from "./outage.ts";

export interface TransferFlags extends NetworkFlags {
  readonly asset: string;
  readonly amount: string;
  readonly to?: string;
  readonly l2Token?: string;
  readonly wait?: boolean;
}

export class BridgeError extends MetisError<"deposit-failed" | "withdrawal-failed"> {
  override readonly name = "BridgeError";
}

/** `metis bridge deposit`. */
export async function runDeposit(flags: TransferFlags, io: Io): Promise<void> {
  const network = openNetwork(flags, io);
  const asset = await parseAsset(network.l1, flags.asset);
  const amount = parseAmount(flags.amount, asset);
  const l1Hash = await sendDeposit(network, flags, asset, amount);
  io.note(`depositing ${showAmount(amount, asset)}: L1 transaction ${l1Hash}`);
  const l1Receipt = await waitForTransactionReceipt(network.l1, { hash: l1Hash });
  if (l1Receipt.status !== "success")
    throw new BridgeError("deposit-failed", "reject", `the L1 transaction ${l1Hash} reverted; nothing was taken`, {});
  const l2Hash = getL2TransactionHash(l1Receipt.logs, network.contracts.portal);
  io.note(`taken on L1 in block ${l1Receipt.blockNumber}; it becomes L2 transaction ${l2Hash}`);
  const l2Block =
    flags.wait === true ? await throughOutages(network, io, () => awaitOnL2(network, l1Receipt, io)) : undefined;
  if (io.json) io.out(toJson({ l1Transaction: l1Hash, l2Transaction: l2Hash, l2Block }));
  else if (l2Block === undefined) io.out(l2Hash);
  else io.out(`${showAmount(amount, asset)} arrived in L2 block ${l2Block}`);
}

async function sendDeposit(network: Network, flags: TransferFlags, asset: Asset, amount: bigint): Promise<Hash> {
  const { l1, contracts } = network;
  const to = recipient(flags);
  const common = { account: await network.account(), contracts, amount, ...(to && { to }) };
  if (asset.kind === "metis") return depositMetis(l1, common);
  if (asset.kind === "eth") return depositEth(l1, common);
  return depositErc20(l1, { ...common, l1Token: asset.l1Token, l2Token: l2TokenOf(flags) });
}

/** The address after `--to`, if any. */
export function recipient({ to }: TransferFlags): Address | undefined {
  return to === undefined ? undefined : parseAddress(to, "--to");
}

/** The token that stands for an L1 token. */
export function l2TokenOf({ l2Token }: TransferFlags): Address {
  if (l2Token === undefined)
    throw new UsageError("an ERC-20 needs --l2-token, the address of the token that stands for it on L2");
  return parseAddress(l2Token, "--l2-token");
}

async function awaitOnL2(network: Network, l1Receipt: Parameters<typeof waitForDeposit>[1]["l1Receipt"], io: Io) {
  io.note("waiting for the L2 block whose anchor reaches it");
  const receipt = await waitForDeposit(network.l2, { l1Receipt, contracts: network.contracts });
  const failed = parseEventLogs({
    abi: l2CrossDomainMessengerAbi,
    eventName: "FailedRelayedMessage",
    logs: receipt.logs,
  })[0];
  if (receipt.status !== "success")
    throw new BridgeError("deposit-failed", "reject", "the L2 transaction failed; the METIS is with its sender on L2", {
      l2Transaction: receipt.transactionHash,
    });
  if (failed)
    throw new BridgeError(
      "deposit-failed",
      "retry",
      `the message arrived and its call failed; anyone may try it again (message ${failed.args.msgHash})`,
      { messageHash: failed.args.msgHash },
    );
  return receipt.blockNumber;
}
