import { announceEscape, checkpointAnchor, ClientError, escape, getEscapeStatus } from "@metis/client";
import { batchInboxAbi } from "@metis/protocol/contracts";
import { MetisError } from "@metis/protocol";
import { systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { parseEventLogs, type Hash } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { showSeconds } from "../amounts.ts";
import { toJson, type Io } from "../io.ts";
import { openNetwork, withKeyOption, withNetworkOptions, type Network, type NetworkFlags } from "../network.ts";

interface EscapeFlags extends NetworkFlags {
  readonly wait?: boolean;
}

class EscapeError extends MetisError<"no-cause" | "transaction-reverted"> {
  override readonly name = "EscapeError";
}

const help = `
Moves the chain on when its sequencers do not: no batch came for the escape delay, or a deposit has waited that long.
First call: announces it. After the pin window, second call (or --wait): appends a batch of deposits only and raises the
generation. Blocks that were signed but are not on L1 by then are dropped.

Example:
  metis escape --wait
`;

/** `metis escape`: the way out without the sequencers' help. */
export function escapeCommand(root: Command, io: Io): void {
  withKeyOption(withNetworkOptions(root.command("escape")))
    .description("move the chain on without its sequencers")
    .option("--wait", "until the generation has risen")
    .addHelpText("after", help)
    .action((flags: EscapeFlags) => runEscape(flags, io));
}

async function runEscape(flags: EscapeFlags, io: Io): Promise<void> {
  const network = openNetwork(flags, io);
  const { contracts } = network;
  const clock = systemClock();
  for (;;) {
    const state = await getEscapeStatus(network.l1, network);
    if (state.status === "ready") {
      if (await raise(network, io)) return;
      io.note("a batch landed meanwhile: the announcement is void");
      continue;
    }
    if (state.status === "may-be-announced") {
      await succeeded(network, await announceEscape(network.l1, { account: await network.account(), contracts }));
      io.note("the escape is announced; certified batches may still land");
      continue;
    }
    if (state.status === "no-cause" && flags.wait !== true) throw noCause(state.secondsUntilCause);
    const [seconds, what] =
      state.status === "announced"
        ? [state.secondsLeft, "until it can be carried out"]
        : [state.secondsUntilCause, "until there is a cause, unless a batch comes"];
    if (flags.wait !== true) {
      if (io.json) io.out(toJson(state));
      else io.out(`announced; ${showSeconds(seconds)} ${what}. Then call \`metis escape\` again.`);
      return;
    }
    io.note(`${showSeconds(seconds)} ${what}`);
    await clock.sleep(Math.min(seconds, 10) * 1_000);
  }
}

/** Carries the escape out; false when a batch has taken its cause away since L1 was asked. */
async function raise(network: Network, io: Io): Promise<boolean> {
  let hash: Hash;
  try {
    hash = await escapeFrom(network, io);
  } catch (error) {
    if (overtaken.has(refusalOf(error).error ?? "")) return false;
    throw error;
  }
  const { logs } = await succeeded(network, hash);
  const [raised] = parseEventLogs({ abi: batchInboxAbi, eventName: "GenerationRaised", logs });
  const { generation, batchIndex } = raised!.args;
  if (io.json) io.out(toJson({ status: "escaped", generation, batchIndex, l1Transaction: hash }));
  else io.out(`generation ${generation} begins with batch ${batchIndex}: ${hash}`);
  return true;
}

/** Refusals of `escape` that mean that a batch came in between. */
const overtaken: ReadonlySet<string> = new Set(["EscapeNotAnnounced", "NoCauseForEscape"]);

const refusalOf = (error: unknown): { readonly error?: string; readonly arguments?: readonly unknown[] } =>
  error instanceof ClientError ? error.payload : {};

/** The escape; the L1 block that it anchors to is brought back to L1's memory first when that has lost it. */
async function escapeFrom({ l1, contracts, account }: Network, io: Io): Promise<Hash> {
  const options = { account: await account(), contracts };
  try {
    return await escape(l1, options);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.error !== "AnchorUnknown") throw error;
    const number = refusal.arguments?.[0] as bigint;
    const onStep = (from: bigint, to: bigint): void =>
      io.note(`L1 has forgotten block ${number}: bringing it back, from ${from} to ${to}`);
    await checkpointAnchor(l1, { ...options, number, onStep });
    return escape(l1, options);
  }
}

async function succeeded({ l1 }: Network, hash: Hash) {
  const receipt = await waitForTransactionReceipt(l1, { hash });
  if (receipt.status !== "success")
    throw new EscapeError("transaction-reverted", "retry", `the L1 transaction ${hash} reverted; try again`, { hash });
  return receipt;
}

const noCause = (seconds: number): EscapeError =>
  new EscapeError(
    "no-cause",
    "retry",
    `there is no cause for an escape: batches come. Without another one there would be in ${showSeconds(seconds)}.`,
    { secondsUntilCause: seconds },
  );
