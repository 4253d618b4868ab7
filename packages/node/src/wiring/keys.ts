import { readFile } from "node:fs/promises";
import { localSigner } from "@metis/committee";
import type { Signer } from "@metis/committee";
import { signingDomain } from "@metis/protocol";
import type { Generation } from "@metis/protocol";
import { KeyError, openKeyFile, readPasswordFile } from "@metis/runtime";
import type { Secret, Service } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { NodeConfig } from "../config.ts";
import { NodeError } from "../errors.ts";
import { RemoteSigner } from "../signer/remote.ts";
import { signDigestFast } from "../signatures.ts";
import type { NodeBase } from "./base.ts";

/** Whose key: the seat's, or of the account that pays on L1. */
export type KeyRole = "signer" | "batcher";

/** A seat's key, in this process or in another one. */
export interface SeatKey {
  readonly signer: Signer;
  /** Signs a vote or proposal of the engine; `message` in the kernel's bytes, `digest` its keccak256. */
  readonly signVote: (digest: Hex, message: Uint8Array, generation: Generation) => Hex;
  /** What watches a remote signer. */
  readonly watch: Service | undefined;
  close(): Promise<void>;
}

/** Opens the key that the options name. Throws `NodeError` as `readKey` does, and `SignerError` for a remote one. */
export async function openSeatKey(base: NodeBase): Promise<SeatKey> {
  const { options, deployment, clock, logger, metrics } = base;
  if (options["signer.url"] === undefined) {
    const privateKey = (await readKey(options, "signer")).reveal() as Hex;
    const signer = localSigner(privateKey, signDigestFast);
    const signVote = (digest: Hex): Hex => signDigestFast(digest, privateKey);
    return { signer, signVote, watch: undefined, close: () => Promise.resolve() };
  }
  checkRemoteKey(options);
  const endpoint = {
    url: options["signer.url"],
    token: await fileOf(options, "signer.tokenFile"),
    ca: await fileOf(options, "signer.caFile"),
    timeoutMs: options["signer.timeoutMs"],
  };
  const address = options["signer.address"]?.toLowerCase() as Address | undefined;
  const domain = signingDomain(deployment.genesisConfig);
  const signer = await RemoteSigner.open({ endpoint, domain, address, clock, logger, metrics });
  return {
    signer,
    signVote: (digest, message, generation) => signer.signVote(digest, message, generation),
    watch: signer.watch,
    close: () => signer.close(),
  };
}

/** A remote key needs another one that pays. Throws `NodeError` "config-incomplete". */
export function checkRemoteKey(options: Pick<NodeConfig, "signer.keyFile" | "batcher.keyFile">): void {
  if (options["signer.keyFile"] !== undefined)
    throw new NodeError("config-incomplete", "reject", "give either signer.url or signer.keyFile", {
      option: "signer.url",
    });
  if (options["batcher.keyFile"] === undefined)
    throw new NodeError(
      "config-incomplete",
      "reject",
      "batcher.keyFile is needed with signer.url: a remote signer signs no transactions",
      { option: "batcher.keyFile" },
    );
}

/** The key of the account that pays on L1: the batcher's, or the seat's own when none is given. Throws as `readKey` does. */
export const payerKey = (options: NodeConfig): Promise<Secret> =>
  readKey(options, options["batcher.keyFile"] === undefined ? "signer" : "batcher");

async function fileOf(options: NodeConfig, option: "signer.tokenFile" | "signer.caFile"): Promise<string | undefined> {
  const path = options[option];
  if (path === undefined) return undefined;
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new NodeError("key-unreadable", "reject", `${option}: ${path} cannot be read`, { option }, { cause });
  }
}

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
