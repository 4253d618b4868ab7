import { constants } from "node:fs";
import { link, open, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Secret } from "../secret.ts";
import { KeyError } from "./errors.ts";
import { maxKeyFileBytes, parseKeystore, type Keystore } from "./form.ts";
import { decryptKeystore } from "./keystore.ts";

/** What a key file holds: a bare key, for devnets, or a keystore that takes a password. */
export type KeyFile =
  | { readonly kind: "plain"; readonly key: Secret }
  | { readonly kind: "keystore"; readonly keystore: Keystore };

/** Reads a file with one key as 0x hex, or a keystore of version 3. Throws `KeyError`, which names the file and never its content. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const text = (await readSmall(path)).trim();
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return { kind: "plain", key: new Secret(text) };
  if (text.startsWith("{")) return { kind: "keystore", keystore: about(path, () => parseKeystore(text)) };
  throw new KeyError("keystore-malformed", `${path} holds neither one key as 0x hex nor a keystore of version 3`);
}

/** The key in a file; `password` is asked only for a keystore. Throws `KeyError`. */
export async function openKeyFile(path: string, password: (path: string) => Promise<Secret>): Promise<Secret> {
  const file = await readKeyFile(path);
  if (file.kind === "plain") return file.key;
  const given = await password(path);
  return about(path, () => decryptKeystore(file.keystore, given));
}

/** The password in a file: all of it but the line's end, as geth's `--password` reads it. Throws `KeyError`. */
export async function readPasswordFile(path: string): Promise<Secret> {
  const [line = ""] = (await readSmall(path)).split(/\r?\n/, 1);
  if (line === "")
    throw new KeyError("password-missing", `${path} begins with an empty line, where the password should be`);
  return new Secret(line);
}

/**
 * Writes a file that only its owner may read, whole or not at all, synced to disk.
 * Throws `KeyError` "key-file-exists" rather than overwrite anything.
 */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    await file.close();
    // A link, unlike a rename, fails when the name is taken.
    await link(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new KeyError("key-file-exists", `there is a file ${path} already; nothing was written`, { cause });
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

async function readSmall(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= maxKeyFileBytes) return await readFile(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new KeyError("key-file-unreadable", `${path} cannot be read (${code})`, { cause });
  }
  throw new KeyError("keystore-malformed", `${path} is longer than any key file (${maxKeyFileBytes} bytes)`);
}

/** Puts the file's name before what is wrong with it. */
function about<T>(path: string, work: () => T): T {
  const named = (error: unknown): never => {
    if (error instanceof KeyError) throw new KeyError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(named) as T) : result;
  } catch (error) {
    return named(error);
  }
}
