import type { Command } from "commander";
import type { Io } from "../io.ts";
import { withKeyOption, withL1Options } from "../network.ts";
import {
  runFreeze,
  runLock,
  runRelock,
  runSigner,
  runUnjail,
  runUnlock,
  type AmountFlags,
  type FreezeFlags,
  type LockFlags,
  type SeatFlags,
  type SignerFlags,
} from "../stake/change.ts";
import { runClaim, type ClaimFlags } from "../stake/claim.ts";
import { runStatus, type StatusFlags } from "../stake/status.ts";

const lockHelp = `
Takes a seat for the account of --key-file: METIS goes into the escrow on L1 (an approval is sent first when one is needed),
and the seat's key proves that it agrees. The seat joins the pool with the next set that is frozen, if it is heavy enough.

Example:
  metis stake lock --amount 20000 --key-file owner.json --signer-key-file signer.json
`;

const unlockHelp = `
What is unlocked leaves the next frozen set; the exit delay begins then, and it can be slashed until it is claimed. --all ends
the seat: keep its node running until the set without it begins.

Examples:
  metis stake unlock --amount 5000 --key-file owner.json
  metis stake unlock --all --key-file owner.json
`;

const signerHelp = `
The old key signs until the next set is frozen and its epoch begins: keep a node with each key running until then.

Example:
  metis stake signer --key-file owner.json --signer-key-file new-signer.json
`;

const freezeHelp = `
Fixes the set of the next epoch, in the first half of the L1 blocks of the epoch before. Nodes of the pool do it by
themselves; anyone may. Where nobody does, the old set stays.

Example:
  metis stake freeze --wait
`;

const statusHelp = `
Examples:
  metis stake status
  metis stake status --owner 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
  metis stake status --seat 3 --json
`;

/** `metis stake`: seats of the pool and their METIS, on L1. */
export function stakeCommand(root: Command, io: Io): void {
  const stake = root.command("stake").description("seats of the sequencer pool and the METIS behind them");
  const add = (name: string): Command => withKeyOption(withL1Options(stake.command(name)));
  withSigner(add("lock"))
    .description("take a seat")
    .requiredOption("--amount <number>", "METIS to lock")
    .option("--reward-recipient <address>", "who gets the rewards; default: the owner")
    .addHelpText("after", lockHelp)
    .action((flags: LockFlags) => runLock(flags, io));
  withSeat(add("relock"))
    .description("add to a seat's stake")
    .requiredOption("--amount <number>", "METIS to add")
    .addHelpText("after", "\nExample:\n  metis stake relock --amount 5000 --key-file owner.json\n")
    .action((flags: AmountFlags) => runRelock(flags, io));
  withSeat(add("unlock"))
    .description("put a seat's stake, or a part of it, into the exit queue")
    .option("--amount <number>", "METIS to unlock")
    .option("--all", "all of it: leave the pool")
    .addHelpText("after", unlockHelp)
    .action((flags: AmountFlags) => runUnlock(flags, io));
  add("claim")
    .description("have exits paid whose time is over")
    .option("--exit <number>", "this one; default: all of the account's that are due")
    .option("--wait", "until every one is paid")
    .addHelpText("after", "\nExample:\n  metis stake claim --key-file owner.json --wait\n")
    .action((flags: ClaimFlags) => runClaim(flags, io));
  withSeat(withSigner(add("signer")))
    .description("give a seat another key")
    .addHelpText("after", signerHelp)
    .action((flags: SignerFlags & SeatFlags) => runSigner(flags, io));
  withSeat(add("unjail"))
    .description("put a jailed seat back in line when its time is over")
    .addHelpText("after", "\nExample:\n  metis stake unjail --key-file owner.json\n")
    .action((flags: SeatFlags) => runUnjail(flags, io));
  add("freeze")
    .description("fix the set of the next epoch; anyone may")
    .option("--wait", "until its L1 blocks have come")
    .addHelpText("after", freezeHelp)
    .action((flags: FreezeFlags) => runFreeze(flags, io));
  withL1Options(stake.command("status"))
    .description("who signs now and next, and how a seat stands")
    .option("--seat <number>", "with the details of this seat")
    .option("--owner <address>", "with the details of this account's seat and exits")
    .addHelpText("after", statusHelp)
    .action((flags: StatusFlags) => runStatus(flags, io));
}

const withSigner = (command: Command): Command =>
  command
    .requiredOption("--signer-key-file <file>", "keystore, or file with the 0x private key, that signs for the seat")
    .option("--signer-password-file <file>", "its first line is that keystore's password; asked for otherwise");

const withSeat = (command: Command): Command =>
  command.option("--seat <number>", "which seat; default: the account's own");
