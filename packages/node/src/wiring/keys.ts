import { KeyError, openKeyFile, readPasswordFile } from "@metis/runtime";
import type { Secret } from "@metis/runtime";
import type { NodeConfig } from "../config.ts";
import { NodeError } from "../errors.ts";

/** Whose key: the seat's, or of the account that pays on L1. */
export type KeyRole = "signer" | "batcher";

/**
 * The key that `ROLE.keyFile` names: a keystore, opened with the password in `ROLE.passwordFile`, or one bare 0x key.
 * Throws `NodeError` "config-incomplete" or "key-unreadable", which name option and file, never what is in them.
 */
export async function readKey(
  options: Pick<NodeConfig, `${KeyRole}.${"keyFile" | "passwordFile"}`>,
  role: KeyRole,
): Promise<Secret> {
  const option = `${role}.keyFile`;
  const path = options[`${role}.keyFile`];
  if (path === undefined)
    throw new NodeError("config-incomplete", "reject", `${option} is needed for this role`, { option });
  try {
    return await openKeyFile(path, () => passwordOf(options[`${role}.passwordFile`], role));
  } catch (cause) {
    if (!(cause instanceof KeyError)) throw cause;
    const { code: reason, message } = cause;
    throw new NodeError("key-unreadable", "reject", `${option}: ${message}`, { option, reason }, { cause });
  }
}

function passwordOf(file: string | undefined, role: KeyRole): Promise<Secret> {
  const option = `${role}.passwordFile`;
  if (file !== undefined) return readPasswordFile(file);
  throw new NodeError("config-incomplete", "reject", `${option} is needed: ${role}.keyFile is a keystore`, { option });
}
