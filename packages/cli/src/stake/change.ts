import {
  findSeat,
  freezeEpoch,
  getPool,
  lockStake,
  proveSigner,
  relockStake,
  stakingContracts,
  unjail,
  unlockStake,
  updateSigner,
  type SignerProof,
} from "@metis/client";
import { lockingInfoAbi, lockingPoolAbi } from "@metis/protocol/contracts";
import { systemClock } from "@metis/runtime";
import { parseEventLogs, type Account, type Address, type Hash, type TransactionReceipt } from "viem";
import { getChainId, waitForTransactionReceipt } from "viem/actions";
import { parseAddress } from "../addresses.ts";
import { parseAmount, showAmount } from "../amounts.ts";
import { patiently } from "../bridge/outage.ts";
import { CliError, UsageError, toJson, type Io } from "../io.ts";
import { openAccount, openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { explained } from "./refusals.ts";
import { exitSentence } from "./standing.ts";
import { parseId, seatOf } from "./status.ts";

export interface SignerFlags extends NetworkFlags {
  readonly signerKeyFile: string;
  readonly signerPasswordFile?: string;
}
export interface LockFlags extends SignerFlags {
  readonly amount: string;
  readonly rewardRecipient?: string;
}
export interface SeatFlags extends NetworkFlags {
  readonly seat?: string;
}
export interface AmountFlags extends SeatFlags {
  readonly amount?: string;
  readonly all?: boolean;
}
export interface FreezeFlags extends NetworkFlags {
  readonly wait?: boolean;
}

export const metis = { kind: "metis", symbol: "METIS", decimals: 18 } as const;

/** What every change works with: the chain, who acts, and their seat. */
interface Change {
  readonly network: L1Network;
  readonly account: Account;
  readonly seatId: bigint;
}

export async function openChange(flags: SeatFlags, io: Io): Promise<Change> {
  const network = openL1(flags, io);
  const account = await network.account();
  return {
    network,
    account,
    seatId: flags.seat === undefined ? await ownSeat(network, account) : parseId(flags.seat, "--seat"),
  };
}

async function ownSeat({ l1, contracts }: L1Network, { address }: Account): Promise<bigint> {
  const { seatId } = await findSeat(l1, { contracts, owner: address });
  if (seatId === undefined)
    throw new CliError(
      "no-seat",
      `${address} owns no seat: take one with \`metis stake lock\`, or give the owner's --key-file`,
    );
  return seatId;
}

/** `metis stake lock`. */
export async function runLock(flags: LockFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const amount = parseAmount(flags.amount, metis);
  const recipient = recipientOf(flags);
  const account = await network.account();
  const signer = await proofOf(network, account.address, flags);
  io.note(`locking ${showAmount(amount, metis)} of ${account.address} for the key of ${signer.signer}`);
  const receipt = await done(network, () =>
    lockStake(l1, { account, contracts, amount, signer, ...(recipient && { rewardRecipient: recipient }) }),
  );
  const [locked] = parseEventLogs({ abi: lockingInfoAbi, eventName: "Locked", logs: receipt.logs });
  const { sequencerId: seatId, activationEpoch } = locked!.args;
  tell(io, { seatId, signer: signer.signer, activationEpoch, l1Transaction: receipt.transactionHash }, () => [
    `seat ${seatId}, from epoch ${activationEpoch} on if it is heavy enough: ${receipt.transactionHash}`,
    "now run a node with that key; `metis stake status` says when it joins",
  ]);
}

/** `metis stake relock`. */
export async function runRelock(flags: AmountFlags, io: Io): Promise<void> {
  const amount = parseAmount(flags.amount ?? "", metis);
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const { transactionHash } = await done(network, () => relockStake(l1, { account, contracts, seatId, amount }));
  const { own } = await seatOf(network, seatId);
  tell(io, { seatId, own, l1Transaction: transactionHash }, () => [
    `seat ${seatId} has ${showAmount(own, metis)} of its own now: ${transactionHash}`,
  ]);
}

/** `metis stake unlock`. */
export async function runUnlock(flags: AmountFlags, io: Io): Promise<void> {
  if ((flags.amount === undefined) !== (flags.all === true)) throw new UsageError("give either --amount or --all");
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const amount = flags.amount === undefined ? (await seatOf(network, seatId)).own : parseAmount(flags.amount, metis);
  const receipt = await done(network, () => unlockStake(l1, { account, contracts, seatId, amount }));
  const [queued] = parseEventLogs({ abi: lockingInfoAbi, eventName: "UnlockInit", logs: receipt.logs });
  const { exitId, unlockClaimTime } = queued!.args;
  const l1Transaction = receipt.transactionHash;
  tell(io, { seatId, exitId, amount, earliestClaim: unlockClaimTime, l1Transaction }, () => [
    `exit ${exitId}: ${showAmount(amount, metis)}, ${exitSentence({ state: "queued" })}: ${l1Transaction}`,
    ...(flags.all === true
      ? ["keep the node running until the set without the seat begins: see `metis stake status`"]
      : []),
  ]);
}

/** `metis stake signer`. */
export async function runSigner(flags: SignerFlags & SeatFlags, io: Io): Promise<void> {
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const signer = await proofOf(network, account.address, flags);
  const receipt = await done(network, () => updateSigner(l1, { account, contracts, seatId, signer }));
  const { next } = await getPool(l1, { contracts });
  const l1Transaction = receipt.transactionHash;
  tell(io, { seatId, signer: signer.signer, fromEpoch: next.epoch, l1Transaction }, () => [
    `seat ${seatId} signs with ${signer.signer} from epoch ${next.epoch} on, with the old key until then: ${l1Transaction}`,
  ]);
}

/** `metis stake unjail`. */
export async function runUnjail(flags: SeatFlags, io: Io): Promise<void> {
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const { transactionHash } = await done(network, () => unjail(l1, { account, contracts, seatId }));
  tell(io, { seatId, l1Transaction: transactionHash }, () => [`seat ${seatId} is back in line: ${transactionHash}`]);
}

/** `metis stake freeze`. */
export async function runFreeze(flags: FreezeFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const clock = systemClock();
  const look = () => patiently(network, flags.wait, io, () => getPool(l1, { contracts }));
  let { next, l1Block } = await look();
  for (; flags.wait === true && l1Block + 1n < next.firstBlock; { next, l1Block } = await look()) {
    io.note(`the set of epoch ${next.epoch} can be frozen in ${next.firstBlock - l1Block} L1 blocks`);
    await clock.sleep(2_000);
  }
  const receipt = await done(network, () => freezeEpoch(l1, { account, contracts, epoch: next.epoch }));
  const [frozen] = parseEventLogs({ abi: lockingPoolAbi, eventName: "EpochFrozen", logs: receipt.logs });
  const { epoch, setHash, totalWeight, members } = frozen!.args;
  const l1Transaction = receipt.transactionHash;
  tell(io, { epoch, setHash, totalWeight, members, l1Transaction }, () => [
    `the set of epoch ${epoch} has ${members.length} seats: ${l1Transaction}`,
  ]);
}

/** Sends, waits, and says in a sentence why the contract refused. */
export async function done({ l1 }: L1Network, send: () => Promise<Hash>): Promise<TransactionReceipt> {
  const hash = await explained(send);
  const receipt = await waitForTransactionReceipt(l1, { hash });
  if (receipt.status !== "success")
    throw new CliError(
      "transaction-reverted",
      `the L1 transaction ${hash} reverted: something changed meanwhile; try again`,
    );
  return receipt;
}

export function tell(io: Io, result: object, lines: () => readonly string[]): void {
  if (io.json) io.out(toJson(result));
  else for (const line of lines()) io.out(line);
}

async function proofOf({ l1, contracts }: L1Network, owner: Address, flags: SignerFlags): Promise<SignerProof> {
  const signer = await openAccount(flags.signerKeyFile, flags.signerPasswordFile, "--signer-password-file");
  const [{ lockingPool }, l1ChainId] = await Promise.all([stakingContracts(l1, contracts), getChainId(l1)]);
  return proveSigner({ signer, owner, lockingPool, l1ChainId: BigInt(l1ChainId) });
}

function recipientOf({ rewardRecipient }: LockFlags): Address | undefined {
  return rewardRecipient === undefined ? undefined : parseAddress(rewardRecipient, "--reward-recipient");
}
