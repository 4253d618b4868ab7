import { claimStake, findSeat, type StakeExit } from "@metis/client";
import { systemClock } from "@metis/runtime";
import type { Hash } from "viem";
import { formatEther } from "viem";
import { CliError, type Io } from "../io.ts";
import { openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { done, tell } from "./change.ts";
import { exitSentence, parseId } from "./status.ts";

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

/** `metis stake claim`: one exit, or all of the account's that are due. */
export async function runClaim(flags: ClaimFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const account = await network.account();
  const wanted = flags.exit === undefined ? undefined : parseId(flags.exit, "--exit");
  const clock = systemClock();
  const paid: Paid[] = [];
  for (let said = ""; ; await clock.sleep(pauseMs)) {
    const open = await openExits(network, account.address, wanted);
    for (const { exitId, amount } of open.filter(
      ({ state }) => state === "claimable" || (wanted !== undefined && flags.wait !== true),
    )) {
      const { l1, contracts } = network;
      const { transactionHash } = await done(network, () => claimStake(l1, { account, contracts, exitId }));
      paid.push({ exitId, amount, l1Transaction: transactionHash });
    }
    const left = open.filter(({ exitId }) => !paid.some((exit) => exit.exitId === exitId));
    if (left.length === 0 || flags.wait !== true) return report(paid, left, io);
    const waits = left.map((exit) => `exit ${exit.exitId} ${exitSentence(exit)}`).join("; ");
    if (waits !== said) io.note(waits);
    said = waits;
  }
}

async function openExits(
  network: L1Network,
  owner: `0x${string}`,
  wanted: bigint | undefined,
): Promise<readonly StakeExit[]> {
  const { exits } = await findSeat(network.l1, { contracts: network.contracts, owner });
  const open = exits.filter(({ state }) => state !== "slashed");
  if (wanted === undefined) return open;
  const one = open.filter(({ exitId }) => exitId === wanted);
  if (one.length > 0) return one;
  throw new CliError(
    "no-such-exit",
    `${owner} has no open exit ${wanted}: \`metis stake status --owner ${owner}\` lists them`,
  );
}

function report(paid: readonly Paid[], left: readonly StakeExit[], io: Io): void {
  if (paid.length === 0)
    throw new CliError(
      "nothing-claimable",
      `nothing can be claimed: ${left.map((exit) => `exit ${exit.exitId} ${exitSentence(exit)}`).join("; ") || "there is no exit"}`,
    );
  tell(io, paid, () =>
    paid.map(
      ({ exitId, amount, l1Transaction }) => `exit ${exitId}: ${formatEther(amount)} METIS paid: ${l1Transaction}`,
    ),
  );
  for (const exit of left) io.note(`exit ${exit.exitId} ${exitSentence(exit)}`);
}
