import type { Command } from "commander";
import { addressOf, openKeyFile } from "@metis/runtime";
import { getAddress, type Hex } from "viem";
import { table, toJson, type Io } from "../io.ts";
import { listKeys, summarise, type KeyFileSummary } from "../keys/list.ts";
import { exportKey, importKey, makeKey, type MadeKey, type TargetFlags } from "../keys/make.ts";
import { knownPassword } from "../keys/passwords.ts";
import { keysProtectionCommand } from "./keysProtection.ts";

const newHelp = `
The file is geth's: Web3 Secret Storage of version 3, readable by its owner alone. It is never overwritten. Without its
password the key is lost: keep both, apart from each other.

Examples:
  metis keys new                                            asks for a password
  metis keys new --out signer.json --password-file signer.password
`;

const importHelp = `
The source holds a bare key (0x hex), or is a keystore: then the new one has another password. Delete the source yourself.

Examples:
  metis keys import signer.key --password-file signer.password
  metis keys import old.json --from-password-file old.password --out signer.json
`;

const exportHelp = `
Who reads the new file has the key. Nodes and commands read keystores themselves: this is for other tools.

Example:
  metis keys export keys/0x8f4D...json --out signer.key --password-file signer.password
`;

/** `metis keys`: the keys of a seat and of accounts, in files. */
export function keysCommand(root: Command, io: Io): void {
  const keys = root.command("keys").description("make, move and look at key files");
  withTarget(keys.command("new"))
    .description("make a key and keep it in a keystore")
    .addHelpText("after", newHelp)
    .action(async (flags: TargetFlags) => tellMade(await makeKey(flags), io));
  withTarget(keys.command("import [key-file]"))
    .description("put a key that is there already into a new keystore; without a file it is asked for")
    .option("--from-password-file <file>", "password of a keystore that is imported")
    .addHelpText("after", importHelp)
    .action(async (source: string | undefined, flags: TargetFlags & { fromPasswordFile?: string }) =>
      tellMade(await importKey(source, flags), io),
    );
  keys
    .command("export <keystore>")
    .description("write the bare key of a keystore to a file")
    .requiredOption("--out <file>", "new file for the key as 0x hex, readable by its owner alone")
    .option("--password-file <file>", "its first line is the password; asked for otherwise")
    .addHelpText("after", exportHelp)
    .action(async (keystore: string, flags: { out: string; passwordFile?: string }) =>
      tellMade(await exportKey(keystore, flags.out, flags.passwordFile), io),
    );
  keys
    .command("list")
    .description("the key files of a folder")
    .option("--dir <folder>", "folder of key files", "keys")
    .addHelpText("after", "\nExample:\n  metis keys list --dir keys --json\n")
    .action(async ({ dir }: { dir: string }) => tellList(dir, await listKeys(dir), io));
  keys
    .command("show <file>")
    .description("whose key a file holds; with --verify it is opened, which proves that the password fits")
    .option("--verify", "open the keystore")
    .option("--password-file <file>", "its first line is the password; asked for otherwise")
    .addHelpText("after", "\nExample:\n  metis keys show signer.json --verify --password-file signer.password\n")
    .action((file: string, flags: ShowFlags) => runShow(file, flags, io));
  keysProtectionCommand(keys, io);
}

const withTarget = (command: Command): Command =>
  command
    .option("--dir <folder>", "folder for the keystore, which is named after its address", "keys")
    .option("--out <file>", "name of the keystore instead")
    .option("--password-file <file>", "its first line is the new password; asked for otherwise")
    .option("--light-kdf", "takes 4 MiB to open instead of 256, and a guesser less time; for devnets");

function tellMade(made: MadeKey, io: Io): void {
  io.out(io.json ? toJson(made) : `${made.address} ${made.file}`);
}

function tellList(dir: string, found: readonly KeyFileSummary[], io: Io): void {
  if (io.json) return io.out(toJson(found));
  if (found.length === 0) return io.note(`there are no key files in ${dir}`);
  io.out(
    table(
      found.map(({ address, file, kind }) => [address ?? "(not said)", `${kind.padEnd(8)}  ${file}`]),
      "",
    ),
  );
}

interface ShowFlags {
  readonly verify?: boolean;
  readonly passwordFile?: string;
}

async function runShow(file: string, flags: ShowFlags, io: Io): Promise<void> {
  const { kdf = "", ...found } = await summarise(file);
  const verified = flags.verify === true;
  const key = verified ? await openKeyFile(file, (path) => knownPassword(path, flags.passwordFile)) : undefined;
  const address = key ? getAddress(addressOf(key.reveal() as Hex)) : found.address;
  if (io.json) return io.out(toJson({ ...found, kdf, address, verified }));
  const kind = found.kind === "plain" ? "bare key: whoever reads the file has it" : `keystore, ${kdf}`;
  const doubt = verified || found.kind === "plain" ? "" : " (as the file says; --verify opens it)";
  io.out(
    table(
      [
        ["file", file],
        ["kind", kind],
        ["address", `${address ?? "not said; --verify opens the file"}${address === undefined ? "" : doubt}`],
      ],
      "",
    ),
  );
}
