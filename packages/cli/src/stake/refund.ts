import { claimRefund, ClientError, type RefundClaimant } from "@metis/client";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { parseEventLogs, type Account } from "viem";
import { parseAddress } from "../addresses.ts";
import { showAmount } from "../amounts.ts";
import { CliError, UsageError, type Io } from "../io.ts";
import { openL1, type NetworkFlags } from "../network.ts";
import { done, metis, tell } from "./change.ts";
import { parseId } from "./status.ts";

export interface RefundFlags extends NetworkFlags {
  readonly slash: string;
  readonly exit?: string;
  readonly delegator?: string;
}

/** What L1 says when there is nothing to give back. */
const refusals: ReadonlyMap<unknown, readonly [code: string, said: string]> = new Map([
  [
    "NotRefunded",
    ["not-refunded", "the council has not given this slash back (`metis stake slashes` shows what became of it)"],
  ],
  ["NothingToRefund", ["nothing-to-refund", "nothing of this slash was theirs, or they have had it already"]],
] as const);

/** `metis stake refund`. */
export async function runRefund(flags: RefundFlags, io: Io): Promise<void> {
  const slashId = parseId(flags.slash, "--slash");
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const claimant = claimantIn(flags, account);
  const receipt = await explained(() =>
    done(network, () => claimRefund(l1, { account, contracts, slashId, ...claimant })),
  );
  const [event] = parseEventLogs({ abi: slashingManagerAbi, eventName: "RefundClaimed", logs: receipt.logs });
  const { account: credited, amount } = event!.args;
  tell(io, { slashId, credited, amount, l1Transaction: receipt.transactionHash }, () => [
    `${showAmount(amount, metis)} of slash ${slashId} are ${credited}'s again: ${receipt.transactionHash}`,
    "have it paid: `metis stake slashes --withdraw`",
  ]);
}

function claimantIn({ exit, delegator }: RefundFlags, { address }: Account): RefundClaimant {
  if (exit !== undefined && delegator !== undefined) throw new UsageError("give either --exit or --delegator");
  if (exit !== undefined) return { exitId: parseId(exit, "--exit") };
  if (delegator === undefined) return { delegator: address };
  return { delegator: parseAddress(delegator, "--delegator") };
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "contract-refused") throw error;
    const said = refusals.get((error.payload as { readonly error?: unknown }).error);
    if (!said) throw error;
    throw new CliError(...said);
  }
}
