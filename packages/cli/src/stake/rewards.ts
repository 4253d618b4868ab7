import { getRewards, withdrawRewards } from "@metis/client";
import { delegationAbi } from "@metis/protocol/contracts";
import { parseEventLogs, type Address } from "viem";
import { parseAddress } from "../addresses.ts";
import { showAmount } from "../amounts.ts";
import { CliError, type Io } from "../io.ts";
import { openL1, type NetworkFlags } from "../network.ts";
import { done, metis, tell } from "./change.ts";

export interface RewardsFlags extends NetworkFlags {
  readonly withdraw?: boolean;
  readonly toL2?: string | true;
}

/** `metis stake rewards`: shows them, or pays them to L1 or to L2. */
export async function runRewards(flags: RewardsFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const { amount, delegations } = await getRewards(l1, { contracts, account: account.address });
  if (flags.withdraw !== true && flags.toL2 === undefined)
    return tell(io, { account: account.address, amount, delegations }, () => [
      `${showAmount(amount, metis)} earned and not withdrawn`,
      ...delegations.map((held) => `${showAmount(held.amount, metis)} behind seat ${held.seatId}`),
    ]);
  if (amount === 0n)
    throw new CliError("nothing-earned", `${account.address} has earned nothing that is not withdrawn`);
  const toL2 = recipientOf(flags, account.address);
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
  tell(io, { amount: paid!.args.amount, ...(toL2 !== undefined && { toL2 }), l1Transaction }, () => [
    `${showAmount(paid!.args.amount, metis)} ${toL2 === undefined ? "paid on L1" : `on the way to ${toL2} on L2`}: ${l1Transaction}`,
  ]);
}

function recipientOf({ toL2 }: RewardsFlags, own: Address): Address | undefined {
  if (toL2 === undefined) return undefined;
  if (toL2 === true) return own;
  return parseAddress(toL2, "--to-l2");
}
