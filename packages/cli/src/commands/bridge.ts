import type { Command } from "commander";
import { runDeposit, type TransferFlags } from "../bridge/deposit.ts";
import { runFinish, runWithdraw, runWithdrawalStatus } from "../bridge/withdraw.ts";
import type { Io } from "../io.ts";
import { withKeyOption, withNetworkOptions, type NetworkFlags } from "../network.ts";

/** `metis bridge`: METIS, ETH and ERC-20 between L1 and L2. */
export function bridgeCommand(root: Command, io: Io): void {
  const bridge = root.command("bridge").description("move METIS, ETH and ERC-20 tokens between L1 and L2");
  withTransferOptions(bridge.command("deposit"))
    .description("move from L1 to L2")
    .option("--wait", "until it is on L2")
    .addHelpText(
      "after",
      "\nExamples:\n  metis bridge deposit --asset metis --amount 5 --wait\n  metis bridge deposit --asset eth --amount 0.1\n",
    )
    .action((flags: TransferFlags) => runDeposit(flags, io));
  withTransferOptions(bridge.command("withdraw"))
    .description("move from L2 to L1; paid when the claim that holds it has settled")
    .option("--wait", "until it is paid on L1, with the time left")
    .addHelpText("after", "\nExample:\n  metis bridge withdraw --asset metis --amount 1 --wait\n")
    .action((flags: TransferFlags) => runWithdraw(flags, io));
  withKeyOption(withNetworkOptions(bridge.command("finish <l2-transaction>")))
    .description("wait for a withdrawal that was begun, and have it paid on L1")
    .addHelpText("after", "\nExample:\n  metis bridge finish 0x7d3c...\n")
    .action((hash: string, flags: NetworkFlags) => runFinish(hash, flags, io));
  withNetworkOptions(bridge.command("status <l2-transaction>"))
    .description("where a withdrawal stands")
    .addHelpText("after", "\nExample:\n  metis bridge status 0x7d3c...\n")
    .action((hash: string, flags: NetworkFlags) => runWithdrawalStatus(hash, flags, io));
}

const withTransferOptions = (command: Command): Command =>
  withKeyOption(
    withNetworkOptions(command)
      .option("--asset <asset>", "metis, eth, or the address of an ERC-20 on L1", "metis")
      .requiredOption("--amount <number>", "in units of the asset, for example 1.5")
      .option("--to <address>", "recipient; default: the sender")
      .option("--l2-token <address>", "for an ERC-20: the token that stands for it on L2"),
  );
