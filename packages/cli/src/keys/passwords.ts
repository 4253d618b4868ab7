import { readPasswordFile, type Secret } from "@metis/runtime";
import { UsageError } from "../io.ts";
import { askHidden, type Terminal } from "./prompt.ts";

/** The password of a keystore that is there: from a file, or asked for. */
export const knownPassword = (
  keystore: string,
  file: string | undefined,
  option = "--password-file",
  terminal?: Terminal,
): Promise<Secret> =>
  file === undefined ? askHidden(`Password of ${keystore}: `, option, terminal) : readPasswordFile(file);

/** A password for a new keystore: from a file, or asked for twice. Throws `UsageError` when the two differ. */
export async function chosenPassword(file: string | undefined, terminal?: Terminal): Promise<Secret> {
  if (file !== undefined) return readPasswordFile(file);
  const first = await askHidden("Password for the new keystore: ", "--password-file", terminal);
  if (first.reveal() === "") throw new UsageError("a keystore needs a password");
  const second = await askHidden("The same again: ", "--password-file", terminal);
  if (first.reveal() !== second.reveal()) throw new UsageError("the two passwords differ; nothing was written");
  return first;
}
