import type { Command } from "commander";
import type { Io } from "../io.ts";
import { withKeyOption, withL1Options } from "../network.ts";
import { runMetadata, type MetadataFlags } from "../stake/metadata.ts";
import { runRefund, type RefundFlags } from "../stake/refund.ts";

const metadataHelp = `
What lists of sequencers show of a seat. All five are set together: what is not given becomes empty.

Example:
  metis stake metadata --name North --url https://north.example --desc "Runs in three cities" --key-file owner.json
`;

const refundHelp = `
When the council gives a slash back, the seat's owner is credited at once; delegators, and owners of exits that were slashed with the
seat, claim their part with this. \`metis stake slashes\` lists slashes, and with --withdraw pays what was credited.

Examples:
  metis stake refund --slash 1 --key-file mine.json
  metis stake refund --slash 1 --exit 7 --key-file mine.json
`;

/** Adds `metis stake metadata` and `metis stake refund`. */
export function stakeRefundCommands(stake: Command, io: Io): void {
  const add = (name: string): Command => withKeyOption(withL1Options(stake.command(name)));
  add("metadata")
    .description("say how lists of sequencers present a seat")
    .requiredOption("--name <text>", "at most 24 characters")
    .option("--desc <text>", "at most 200 characters")
    .option("--url <address>", "https address of a page")
    .option("--avatar <address>", "https address of a picture")
    .option("--media <text>", "where else to find the operator")
    .option("--seat <number>", "which seat; default: the account's own")
    .addHelpText("after", metadataHelp)
    .action((flags: MetadataFlags) => runMetadata(flags, io));
  add("refund")
    .description("claim a delegator's or an exit's part of a slash that was given back")
    .requiredOption("--slash <number>", "which slash")
    .option("--exit <number>", "the part of this exit; default: what the account had delegated")
    .option("--delegator <address>", "for this delegator; default: the account")
    .addHelpText("after", refundHelp)
    .action((flags: RefundFlags) => runRefund(flags, io));
}
