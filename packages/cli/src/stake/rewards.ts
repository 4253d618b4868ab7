import { getPostingRefunds, getRewards, withdrawPostingRefunds, withdrawRewards } from "@metis/client";
import { delegationAbi, posterVaultAbi } from "@metis/protocol/contracts";
import { parseEventLogs, type Account, type Address } from "viem";
import { parseAddress } from "../addresses.ts";
import { showAmount } from "../amounts.ts";
import { CliError, type Io } from "../io.ts";
import { openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { done, metis, tell } from "./change.ts";

export interface RewardsFlags extends NetworkFlags {
  readonly withdraw?: boolean;
  readonly toL2?: string | true;
}

/** `metis stake rewards`: shows them and refunds for posting, or pays them to L1, or rewards to L2. */
export async function runRewards(flags: RewardsFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const [{ amount, delegations }, refunds] = await Promise.all([
    getRewards(l1, { contracts, account: account.address }),
    getPostingRefunds(l1, { contracts, account: account.address }),
  ]);
  if (flags.withdraw !== true && flags.toL2 === undefined)
    return tell(io, { account: account.address, amount, refunds: refunds.amount, delegations }, () => [
      `${showAmount(amount, metis)} earned and not withdrawn`,
      ...(refunds.amount > 0n ? [`${showAmount(refunds.amount, metis)} to be paid back for batches posted`] : []),
      ...delegations.map((held) => `${showAmount(held.amount, metis)} behind seat ${held.seatId}`),
    ]);
  const toL2 = recipientOf(flags, account.address);
  const paysBack = refunds.amount > 0n && toL2 === undefined;
  if (amount === 0n && !paysBack)
    throw new CliError("nothing-earned", `${account.address} has earned nothing that is not withdrawn`);
  const paidBack = paysBack ? await payBack(network, account, refunds.epochs, io) : {};
  if (amount === 0n) return tell(io, { amount, ...paidBack }, () => []);
  const seatIds = delegations.map(({ seatId }) => seatId);
  const receipt = await done(network, () =>
    withdrawRewards(l1, { account, contracts, seatIds, ...(toL2 !== undefined && { toL2 }) }),
  );
  const [paid] = parseEventLogs({
    abi: delegationAbi,
    eventName: ["RewardsWithdrawn", "RewardsBridged"],
    logs: receipt.logs,
  });
  const l1Transaction = receipt.transactionHash;
  tell(io, { amount: paid!.args.amount, ...paidBack, ...(toL2 !== undefined && { toL2 }), l1Transaction }, () => [
    `${showAmount(paid!.args.amount, metis)} ${toL2 === undefined ? "paid on L1" : `on the way to ${toL2} on L2`}: ${l1Transaction}`,
  ]);
}

/** Refunds for posting, on L1: they pay for ETH that was spent there. */
async function payBack(network: L1Network, account: Account, epochs: readonly bigint[], io: Io) {
  const { l1, contracts } = network;
  const to = account.address;
  const receipt = await done(network, () => withdrawPostingRefunds(l1, { account, contracts, epochs, to }));
  const [paid] = parseEventLogs({ abi: posterVaultAbi, eventName: "RefundsWithdrawn", logs: receipt.logs });
  const { amount } = paid!.args;
  io.note(`${showAmount(amount, metis)} paid back for batches posted: ${receipt.transactionHash}`);
  return { refunds: amount, refundsTransaction: receipt.transactionHash };
}

function recipientOf({ toL2 }: RewardsFlags, own: Address): Address | undefined {
  if (toL2 === undefined) return undefined;
  if (toL2 === true) return own;
  return parseAddress(toL2, "--to-l2");
}
