import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  addressOf,
  encryptKeystore,
  KeyError,
  lightScrypt,
  openKeyFile,
  Secret,
  standardScrypt,
  systemRng,
  writePrivateFile,
} from "@metis/runtime";
import { getAddress, type Address, type Hex } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { askHidden } from "./prompt.ts";
import { chosenPassword, knownPassword } from "./passwords.ts";

/** Where a new keystore goes, and what opens it. */
export interface TargetFlags {
  readonly dir: string;
  readonly out?: string;
  readonly passwordFile?: string;
  readonly lightKdf?: boolean;
}

export interface MadeKey {
  readonly address: Address;
  readonly file: string;
}

/** A new random key in a new keystore. */
export async function makeKey(target: TargetFlags): Promise<MadeKey> {
  return writeKeystore(new Secret(generatePrivateKey()), target);
}

/** A key that is there already, in a new keystore: from a file (of either kind), or asked for. */
export async function importKey(
  source: string | undefined,
  target: TargetFlags & { readonly fromPasswordFile?: string },
): Promise<MadeKey> {
  const key =
    source === undefined
      ? await askedKey()
      : await openKeyFile(source, (path) => knownPassword(path, target.fromPasswordFile, "--from-password-file"));
  return writeKeystore(key, target);
}

async function askedKey(): Promise<Secret> {
  const typed = (await askHidden("Private key (0x and 64 hex digits): ", "a key file")).reveal().trim();
  return new Secret(typed.startsWith("0x") ? typed : `0x${typed}`);
}

/** The bare key of a keystore into a file of its own: for tools that read nothing else. */
export async function exportKey(keystore: string, out: string, passwordFile: string | undefined): Promise<MadeKey> {
  const key = await openKeyFile(keystore, (path) => knownPassword(path, passwordFile));
  await writePrivateFile(out, `${key.reveal()}\n`);
  return { address: getAddress(addressOf(key.reveal() as Hex)), file: out };
}

async function writeKeystore(key: Secret, target: TargetFlags): Promise<MadeKey> {
  const address = getAddress(addressOf(key.reveal() as Hex));
  const file = target.out ?? join(target.dir, `${address}.json`);
  // Before anybody is asked for a password; who comes meanwhile is met when it is written.
  if (existsSync(file)) throw new KeyError("key-file-exists", `there is a file ${file} already; nothing was written`);
  const password = await chosenPassword(target.passwordFile);
  const cost = target.lightKdf === true ? lightScrypt : standardScrypt;
  const text = await encryptKeystore(key, password, { rng: systemRng(), cost });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await writePrivateFile(file, text);
  return { address, file };
}
