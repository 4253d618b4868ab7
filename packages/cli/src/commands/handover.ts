import { announceHandover, getHandover, handOver } from "@metis/client";
import { emergencyHandoverAbi } from "@metis/protocol/contracts";
import { systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { parseEventLogs } from "viem";
import { patiently } from "../bridge/outage.ts";
import { CliError, toJson, type Io } from "../io.ts";
import { openL1, withKeyOption, withL1Options, type L1Network, type NetworkFlags } from "../network.ts";
import { done } from "../stake/change.ts";
import { handoverSentence } from "../status/handover.ts";

interface HandoverFlags extends NetworkFlags {
  readonly wait?: boolean;
}

const help = `
Gives a pool that has lost a third of its weight to those who are left, when L1 lets it: no batch came for long, and those who
send heartbeats outweigh what is left of the rest. First call: announces it. After the pin window, second call (or --wait):
carries it out. Nodes do it by themselves; anyone may.

Examples:
  metis handover
  metis handover --wait
`;

/** `metis handover`: the way back below two thirds, by hand. */
export function handoverCommand(root: Command, io: Io): void {
  withKeyOption(withL1Options(root.command("handover")))
    .description("give a pool below two thirds to those who are there")
    .option("--wait", "until it is handed over")
    .addHelpText("after", help)
    .action((flags: HandoverFlags) => runHandover(flags, io));
}

async function runHandover(flags: HandoverFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const clock = systemClock();
  for (;;) {
    const state = await patiently(network, flags.wait, io, () => getHandover(l1, { contracts }));
    if (state.phase === "ready" && state.hasCause) return carryOut(network, io);
    if (state.phase === "leaking" && state.hasCause) {
      await done(network, async () => announceHandover(l1, { account: await network.account(), contracts }));
      io.note("the handover is announced: who comes back now, or a batch, stops it");
      continue;
    }
    if (flags.wait !== true) {
      if (state.phase !== "announced")
        throw new CliError("no-cause", `nothing can be handed over: ${handoverSentence(state)}`);
      return io.out(io.json ? toJson(state) : handoverSentence(state));
    }
    io.note(handoverSentence(state));
    await clock.sleep(5_000);
  }
}

async function carryOut(network: L1Network, io: Io): Promise<void> {
  const { l1, contracts } = network;
  const receipt = await done(network, async () => handOver(l1, { account: await network.account(), contracts }));
  const [event] = parseEventLogs({ abi: emergencyHandoverAbi, eventName: "HandedOver", logs: receipt.logs });
  const { generation, epoch, members, pinnedNumber } = event!.args;
  const l1Transaction = receipt.transactionHash;
  if (io.json) io.out(toJson({ generation, epoch, members, pinnedNumber, l1Transaction }));
  else io.out(`generation ${generation} begins with ${members.length} seats: ${l1Transaction}`);
}
