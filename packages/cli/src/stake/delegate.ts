import {
  completeRedelegation,
  delegateStake,
  getDelegation,
  setCommission,
  undelegateStake,
  type StakeDelegation,
} from "@metis/client";
import { delegationAbi } from "@metis/protocol/contracts";
import { parseEventLogs } from "viem";
import { parseAmount, showAmount } from "../amounts.ts";
import { CliError, UsageError, type Io } from "../io.ts";
import { openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { done, metis, openChange, tell, type AmountFlags, type SeatFlags } from "./change.ts";
import { exitSentence } from "./standing.ts";
import { parseId, seatOf } from "./status.ts";

export interface DelegateFlags extends NetworkFlags {
  readonly seat: string;
  readonly amount: string;
}
export interface UndelegateFlags extends AmountFlags {
  readonly seat: string;
}
export interface RedelegateFlags extends NetworkFlags {
  readonly from?: string;
  readonly to?: string;
  readonly amount?: string;
  readonly all?: boolean;
  readonly complete?: string;
}
export interface CommissionFlags extends SeatFlags {
  readonly rate: string;
}

/** `metis stake delegate`. */
export async function runDelegate(flags: DelegateFlags, io: Io): Promise<void> {
  const amount = parseAmount(flags.amount, metis);
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const { transactionHash } = await done(network, () => delegateStake(l1, { account, contracts, seatId, amount }));
  const held = await getDelegation(l1, { contracts, seatId, delegator: account.address });
  tell(io, { ...held, delegated: amount, l1Transaction: transactionHash }, () => [
    `${showAmount(held.amount, metis)} of this account are behind seat ${seatId} now: ${transactionHash}`,
    "they count from the next frozen set on, and are slashed with the seat",
  ]);
}

/** `metis stake undelegate`. */
export async function runUndelegate(flags: UndelegateFlags, io: Io): Promise<void> {
  await leave(flags, parseId(flags.seat, "--seat"), undefined, io);
}

/** `metis stake redelegate`: queues it, or with `--complete` puts what has waited long enough behind its new seat. */
export async function runRedelegate(flags: RedelegateFlags, io: Io): Promise<void> {
  if (flags.complete !== undefined) return complete(flags, parseId(flags.complete, "--complete"), io);
  if (flags.from === undefined || flags.to === undefined) throw new UsageError("give --from and --to, or --complete");
  await leave(flags, parseId(flags.from, "--from"), parseId(flags.to, "--to"), io);
}

async function leave(
  flags: NetworkFlags & { readonly amount?: string; readonly all?: boolean },
  seatId: bigint,
  toSeatId: bigint | undefined,
  io: Io,
): Promise<void> {
  if ((flags.amount === undefined) !== (flags.all === true)) throw new UsageError("give either --amount or --all");
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const held = await getDelegation(l1, { contracts, seatId, delegator: account.address });
  if (held.shares === 0n)
    throw new CliError("no-delegation", `${account.address} has delegated nothing to seat ${seatId}`);
  if (toSeatId !== undefined) await requireActive(network, toSeatId);
  const shares = flags.amount === undefined ? held.shares : sharesFor(held, parseAmount(flags.amount, metis));
  const receipt = await done(network, () =>
    undelegateStake(l1, { account, contracts, seatId, shares, ...(toSeatId !== undefined && { toSeatId }) }),
  );
  const [queued] = parseEventLogs({ abi: delegationAbi, eventName: "Undelegated", logs: receipt.logs });
  const { exitId, amount } = queued!.args;
  const l1Transaction = receipt.transactionHash;
  const goal =
    toSeatId === undefined
      ? "then `metis stake claim` pays it"
      : `then \`metis stake redelegate --complete ${exitId}\` puts it behind seat ${toSeatId}`;
  tell(io, { seatId, exitId, amount, shares, ...(toSeatId !== undefined && { toSeatId }), l1Transaction }, () => [
    `exit ${exitId}: ${showAmount(amount, metis)}, ${exitSentence({ state: "queued" })}: ${l1Transaction}`,
    `it is slashed with seat ${seatId} until it is over; ${goal}`,
  ]);
}

/** L1 asks only when the stake gets there, an exit delay later. Throws `CliError` for a seat that takes none. */
async function requireActive(network: L1Network, seatId: bigint): Promise<void> {
  const { status } = await seatOf(network, seatId);
  if (status !== "active")
    throw new CliError("seq-not-active", `seat ${seatId} is ${status}: name one that \`metis stake status\` shows`);
}

/** The least number of shares that is worth `amount`; throws `CliError` "not-delegated" for more than is there. */
function sharesFor(held: StakeDelegation, amount: bigint): bigint {
  if (amount > held.amount)
    throw new CliError(
      "not-delegated",
      `${showAmount(amount, metis)} were asked for, and ${showAmount(held.amount, metis)} are behind seat ${held.seatId}`,
    );
  return (amount * held.shares + held.amount - 1n) / held.amount;
}

async function complete(flags: NetworkFlags, exitId: bigint, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const receipt = await done(network, () => completeRedelegation(l1, { account, contracts, exitId }));
  const [moved] = parseEventLogs({ abi: delegationAbi, eventName: "Redelegated", logs: receipt.logs });
  const { seqId: seatId, amount } = moved!.args;
  tell(io, { exitId, seatId, amount, l1Transaction: receipt.transactionHash }, () => [
    `${showAmount(amount, metis)} of exit ${exitId} are behind seat ${seatId} now: ${receipt.transactionHash}`,
  ]);
}

/** `metis stake commission`. */
export async function runCommission(flags: CommissionFlags, io: Io): Promise<void> {
  const commission = parseRate(flags.rate);
  const { network, account, seatId } = await openChange(flags, io);
  const { l1, contracts } = network;
  const receipt = await done(network, () => setCommission(l1, { account, contracts, seatId, commission }));
  const [changed] = parseEventLogs({ abi: delegationAbi, eventName: "CommissionChanged", logs: receipt.logs });
  const { epoch } = changed!.args;
  const l1Transaction = receipt.transactionHash;
  tell(io, { seatId, commission, fromEpoch: epoch, l1Transaction }, () => [
    `seat ${seatId} takes ${commission / 100} % of its delegators' rewards from epoch ${epoch} on: ${l1Transaction}`,
  ]);
}

/** Percent with at most two decimals, as hundredths. */
function parseRate(text: string): number {
  const found = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text);
  if (!found) throw new UsageError(`--rate takes percent with at most two decimals, not "${text}"`);
  return Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
}
