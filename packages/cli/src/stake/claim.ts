import { claimStake, findSeat, getExit, type StakeExit } from "@metis/client";
import { systemClock } from "@metis/runtime";
import { formatEther, type Address, type Hash } from "viem";
import { patiently } from "../bridge/outage.ts";
import { CliError, type Io } from "../io.ts";
import { openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { done, tell } from "./change.ts";
import { explained } from "./refusals.ts";
import { exitSentence } from "./standing.ts";
import { parseId } from "./status.ts";

export interface ClaimFlags extends NetworkFlags {
  readonly exit?: string;
  readonly wait?: boolean;
}

interface Paid {
  readonly exitId: bigint;
  readonly amount: bigint;
  readonly l1Transaction: Hash;
}

const pauseMs = 2_000;
const pending: ReadonlySet<StakeExit["state"]> = new Set(["queued", "waiting", "unsettled"]);

/** `metis stake claim`: one exit, or all of the account's that are due. */
export async function runClaim(flags: ClaimFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const account = await network.account();
  const wanted = flags.exit === undefined ? undefined : parseId(flags.exit, "--exit");
  const clock = systemClock();
  const paid: Paid[] = [];
  for (let said = ""; ; await clock.sleep(pauseMs)) {
    const open = await patiently(network, flags.wait, io, () => openExits(network, account.address, wanted));
    // One that was asked for by name is tried in any state: the contract says what is wrong with it.
    const isDue = ({ state }: StakeExit): boolean =>
      state === "claimable" || (wanted !== undefined && !(flags.wait === true && pending.has(state)));
    for (const { exitId, amount } of open.filter(isDue)) {
      const { l1, contracts } = network;
      const { transactionHash } = await done(network, () => claimStake(l1, { account, contracts, exitId }));
      paid.push({ exitId, amount, l1Transaction: transactionHash });
    }
    const left = open.filter(({ exitId }) => !paid.some((exit) => exit.exitId === exitId));
    if (left.length === 0 || flags.wait !== true) return report(paid, left, io);
    // Once a minute, and when something changes.
    const progress = left
      .map(({ exitId, state, secondsLeft = 0 }) => `${exitId} ${state} ${Math.ceil(secondsLeft / 60)}`)
      .join();
    if (progress !== said) io.note(sentences(left));
    said = progress;
  }
}

const sentences = (exits: readonly StakeExit[]): string =>
  exits.map((exit) => `exit ${exit.exitId} ${exitSentence(exit)}`).join("; ");

async function openExits(
  { l1, contracts }: L1Network,
  owner: Address,
  wanted: bigint | undefined,
): Promise<readonly StakeExit[]> {
  if (wanted !== undefined) return [await explained(() => getExit(l1, { contracts, exitId: wanted }))];
  const { exits } = await findSeat(l1, { contracts, owner });
  return exits.filter(({ state }) => state !== "slashed");
}

function report(paid: readonly Paid[], left: readonly StakeExit[], io: Io): void {
  if (paid.length === 0)
    throw new CliError("nothing-claimable", `nothing can be claimed: ${sentences(left) || "there is no exit"}`);
  tell(io, paid, () =>
    paid.map(
      ({ exitId, amount, l1Transaction }) => `exit ${exitId}: ${formatEther(amount)} METIS paid: ${l1Transaction}`,
    ),
  );
  if (left.length > 0) io.note(sentences(left));
}
