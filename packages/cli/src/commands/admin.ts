import type { Command } from "commander";
import { changes } from "../admin/changes.ts";
import {
  runCancel,
  runExecute,
  runPause,
  runPropose,
  runShow,
  type ExecuteFlags,
  type ProposeFlags,
} from "../admin/run.ts";
import { table, type Io } from "../io.ts";
import { withKeyOption, withL1Options, type NetworkFlags } from "../network.ts";

const proposeHelp = `
Changes:
${table(Object.entries(changes).map(([name, { words, means }]) => [`${name} ${words}`, means]))}

What a contract would refuse is refused before anything is sent. Bounds and relations: docs/spec/trust.md.

Examples:
  metis admin propose set challengeWindow=8d exitDelay=22d
  metis admin propose set rate=15% --json
  metis admin propose admit 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
`;

const executeHelp = `
Anyone may, once the timelock's delay is over. --wait waits for that.

Example:
  metis admin execute 0x3f0c... --wait
`;

/** `metis admin`: what the timelock governs, and the guardian's pause. */
export function adminCommand(root: Command, io: Io): void {
  const admin = root.command("admin").description("propose and carry out changes of a chain's parameters and powers");
  withL1Options(admin.command("show"))
    .description("powers, parameters and proposals")
    .addHelpText("after", "\nExample:\n  metis admin show --json\n")
    .action((flags: NetworkFlags) => runShow(flags, io));
  withKeyOption(withL1Options(admin.command("propose <change> [values...]")))
    .description("announce a change, as a governor")
    .option("--unchecked", "do not try the calls first: they need what another proposal does")
    .addHelpText("after", proposeHelp)
    .action((what: string, words: string[], flags: ProposeFlags) => runPropose(what, words, flags, io));
  withKeyOption(withL1Options(admin.command("execute <id>")))
    .description("carry a proposal out")
    .option("--wait", "until its time has come")
    .addHelpText("after", executeHelp)
    .action((id: string, flags: ExecuteFlags) => runExecute(id, flags, io));
  withKeyOption(withL1Options(admin.command("cancel <id>")))
    .description("take a proposal back, as a governor")
    .addHelpText("after", "\nExample:\n  metis admin cancel 0x3f0c...\n")
    .action((id: string, flags: NetworkFlags) => runCancel(id, flags, io));
  withKeyOption(withL1Options(admin.command("pause")))
    .description("stop withdrawals for a while, as the guardian")
    .addHelpText("after", "\nExample:\n  metis admin pause --key-file guardian.json\n")
    .action((flags: NetworkFlags) => runPause(false, flags, io));
  withKeyOption(withL1Options(admin.command("unpause")))
    .description("end a pause, as the guardian")
    .addHelpText("after", "\nExample:\n  metis admin unpause --key-file guardian.json\n")
    .action((flags: NetworkFlags) => runPause(true, flags, io));
}
