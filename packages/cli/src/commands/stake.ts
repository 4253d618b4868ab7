import type { Command } from "commander";
import type { Io } from "../io.ts";
import { withKeyOption, withL1Options, withNetworkOptions } from "../network.ts";
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
import {
  runCommission,
  runDelegate,
  runRedelegate,
  runUndelegate,
  type CommissionFlags,
  type DelegateFlags,
  type RedelegateFlags,
  type UndelegateFlags,
} from "../stake/delegate.ts";
import { runHeartbeat, type HeartbeatFlags } from "../stake/heartbeat.ts";
import { runRewards, type RewardsFlags } from "../stake/rewards.ts";
import { runEpochReport, type EpochFlags } from "../stake/epochs.ts";
import { runAccuse, runSlashes, type AccuseFlags, type SlashesFlags } from "../stake/slashing.ts";
import { runStatus, type StatusFlags } from "../stake/status.ts";
import { stakeRefundCommands } from "./stakeRefund.ts";

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

const delegateHelp = `
Puts METIS of this account behind somebody's seat: it counts with the seat's own stake from the next frozen set on, earns with
it, and is slashed with it. A seat takes what counts, no more: \`metis stake status\` shows the seats.

Example:
  metis stake delegate --seat 3 --amount 100 --key-file mine.json
`;

const undelegateHelp = `
The stake leaves by the seat's exit queue, and can be slashed until it is claimed with \`metis stake claim\`.

Examples:
  metis stake undelegate --seat 3 --amount 40 --key-file mine.json
  metis stake undelegate --seat 3 --all --key-file mine.json
`;

const redelegateHelp = `
The stake waits in the old seat's exit queue, counts for neither seat and can be slashed with the old one; then anyone may
complete it. \`metis stake claim\` takes it out instead.

Examples:
  metis stake redelegate --from 3 --to 2 --all --key-file mine.json
  metis stake redelegate --complete 7 --key-file mine.json
`;

const rewardsHelp = `
What this account has earned: by delegating, and by its seat, rewards and L2's fees; and, for the account that posts a seat's batches,
what that cost. An epoch is paid when L2's record of it is settled on L1. What is paid back for batches is withdrawn to L1 alone.

Examples:
  metis stake rewards --key-file mine.json
  metis stake rewards --withdraw --key-file mine.json
  metis stake rewards --to-l2 --key-file mine.json
`;

const commissionHelp = `
What the owner of a seat takes of its delegators' rewards, in percent, from the next epoch whose set is not frozen. It is raised
by a bounded step at a time, and lowered at will.

Example:
  metis stake commission --rate 7.5 --key-file owner.json
`;

const freezeHelp = `
Fixes the set of the next epoch, in the first half of the L1 blocks of the epoch before. Nodes of the pool do it by
themselves; anyone may. Where nobody does, the old set stays.

Example:
  metis stake freeze --wait
`;

const statusHelp = `
Uptime and APR are of the last eight epochs, as the node at --l2-rpc counted them, and are left out where none is given.

Examples:
  metis stake status
  metis stake status --owner 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
  metis stake status --seat 3 --json
`;

const heartbeatHelp = `
While no batch comes, L1 counts who is there: a member that sends no heartbeat for long loses its part in what the pool does next,
and later a hundredth of its stake. Nodes send them by themselves; this is for a seat whose node cannot reach L1. Without
--signer-key-file it shows how long each member has been silent.

Examples:
  metis stake heartbeat
  metis stake heartbeat --signer-key-file signer.json --key-file me.json
`;

const accuseHelp = `
The reporter gets a fifth of what the seat loses: \`metis stake slashes --withdraw\`.
--receipts: a leader that broke the order of two receipts loses a hundredth of its stake. Both transactions must be in blocks whose
claims have settled; two transactions with one sequence need no blocks.
--evidence: everything that the node at --l2-rpc has found against seats. Seats bring what they find by themselves; replicas only show it.

Examples:
  metis stake accuse --receipts mine.json theirs.json --key-file me.json
  metis stake accuse --evidence --l2-rpc http://127.0.0.1:9545 --key-file me.json
`;

const reportHelp = `
Seats of the pool report epochs by themselves; anyone may. Once L1's blocks are two epochs further an epoch is reported on L2;
when the claim of that block's batch has settled, the report is proven to L1 and the rewards are paid: run it again then.

Examples:
  metis stake report
  metis stake report --epoch 7 --key-file me.json
`;

const slashesHelp = `
Examples:
  metis stake slashes
  metis stake slashes --seat 3 --json
  metis stake slashes --withdraw --key-file me.json
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
  add("delegate")
    .description("put METIS behind a seat")
    .requiredOption("--seat <number>", "which seat")
    .requiredOption("--amount <number>", "METIS to delegate")
    .addHelpText("after", delegateHelp)
    .action((flags: DelegateFlags) => runDelegate(flags, io));
  add("undelegate")
    .description("put what is delegated to a seat, or a part of it, into the exit queue")
    .requiredOption("--seat <number>", "which seat")
    .option("--amount <number>", "METIS to take out")
    .option("--all", "all of it")
    .addHelpText("after", undelegateHelp)
    .action((flags: UndelegateFlags) => runUndelegate(flags, io));
  add("redelegate")
    .description("move what is delegated to another seat, through the exit queue")
    .option("--from <number>", "the seat that it is behind")
    .option("--to <number>", "the seat that it goes to")
    .option("--amount <number>", "METIS to move")
    .option("--all", "all of it")
    .option("--complete <exit>", "put this exit, whose time is over, behind its new seat")
    .addHelpText("after", redelegateHelp)
    .action((flags: RedelegateFlags) => runRedelegate(flags, io));
  add("rewards")
    .description("show what an account has earned, and have it paid")
    .option("--withdraw", "pay it on L1")
    .option("--to-l2 [address]", "pay it on L2, by the bridge; default: the account's own address")
    .addHelpText("after", rewardsHelp)
    .action((flags: RewardsFlags) => runRewards(flags, io));
  withSeat(add("commission"))
    .description("set what a seat's owner takes of its delegators' rewards")
    .requiredOption("--rate <percent>", "at most two decimals")
    .addHelpText("after", commissionHelp)
    .action((flags: CommissionFlags) => runCommission(flags, io));
  add("freeze")
    .description("fix the set of the next epoch; anyone may")
    .option("--wait", "until its L1 blocks have come")
    .addHelpText("after", freezeHelp)
    .action((flags: FreezeFlags) => runFreeze(flags, io));
  withKeyOption(withNetworkOptions(stake.command("accuse")))
    .description("show L1 that a seat broke a rule: the order of its receipts, or what a node has found")
    .option("--receipts <files...>", "two files, each with an answer of rollup_sendRawTransactionWithReceipt")
    .option("--evidence", "what the node has found")
    .addHelpText("after", accuseHelp)
    .action((flags: AccuseFlags) => runAccuse(flags, io));
  withKeyOption(withNetworkOptions(stake.command("report")))
    .description("bring what the members did in an epoch to L1, so that its rewards are paid")
    .option("--epoch <number>", "this one; default: the oldest of the last 16 that is not paid")
    .addHelpText("after", reportHelp)
    .action((flags: EpochFlags) => runEpochReport(flags, io));
  add("heartbeat")
    .description("how long members have been silent on L1, or a sign of life of a seat; anyone may pay for it")
    .option("--signer-key-file <file>", "keystore, or file with the 0x private key, that signs for the seat")
    .option("--signer-password-file <file>", "its first line is that keystore's password; asked for otherwise")
    .addHelpText("after", heartbeatHelp)
    .action((flags: HeartbeatFlags) => runHeartbeat(flags, io));
  add("slashes")
    .description("what seats were slashed for, and have paid what reporting brought")
    .option("--seat <number>", "of this seat alone")
    .option("--withdraw", "pay the account what it earned by reporting, or got back")
    .addHelpText("after", slashesHelp)
    .action((flags: SlashesFlags) => runSlashes(flags, io));
  stakeRefundCommands(stake, io);
  withNetworkOptions(stake.command("status"))
    .description("who signs now and next, how reliable they are and what they earn, and how a seat stands")
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
