import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  exportProtection,
  importProtection,
  protectedSigners,
  ProtectionStore,
  signerOfProtection,
} from "@metis/committee";
import type { ProtectionFile } from "@metis/committee";
import { holdIdleData } from "@metis/mvm";
import { genesisConfigHash } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { openLmdbStore } from "@metis/runtime";
import type { Store } from "@metis/runtime";
import type { Address } from "viem";
import type { L1Deployment } from "./deploy/deployment.ts";
import { NodeError } from "./errors.ts";

export interface ProtectionOptions {
  /** A node's data directory; no node may run on it. */
  readonly dataDir: string;
  readonly deployment: Pick<L1Deployment, "genesisConfig">;
  /** Whose records; needed where the store has those of several keys. */
  readonly signer?: Address;
}

/**
 * What a node's slashing protection knows of one key, to be carried to another machine.
 * Throws `NodeError` "wrong-chain", "protection-absent", "protection-ambiguous", `MvmError` "data-dir-busy".
 */
export async function exportNodeProtection(options: ProtectionOptions): Promise<ProtectionFile> {
  if (!existsSync(join(options.dataDir, "node")))
    throw new NodeError("protection-absent", "reject", `there is no node's data in ${options.dataDir}`, {});
  return withStore(options, (store, chain) => {
    const signer = options.signer ?? onlySigner(store, options.dataDir);
    const protection = new ProtectionStore(store, signer);
    if (protection.highest() === undefined)
      throw new NodeError("protection-absent", "reject", `${signer} has signed nothing in ${options.dataDir}`, {});
    return Promise.resolve(exportProtection(protection, chain, signer));
  });
}

/**
 * Merges a file into a node's slashing protection: afterwards both histories bind. Without `signer` the records are taken
 * for the key that the file names. Throws `NodeError` "wrong-chain", `MvmError` "data-dir-busy", `CommitteeError`
 * "protection-foreign", "protection-corrupt" or "double-sign"; then nothing was changed.
 */
export async function importNodeProtection(
  options: ProtectionOptions & { readonly file: unknown },
): Promise<{ readonly signer: Address; readonly records: number }> {
  const signer = options.signer ?? signerOfProtection(options.file);
  const records = await withStore(options, (store, chain) =>
    importProtection(new ProtectionStore(store, signer), chain, signer, options.file),
  );
  return { signer, records };
}

async function withStore<T>(
  { dataDir, deployment }: ProtectionOptions,
  work: (store: Store, chain: Hash) => Promise<T>,
): Promise<T> {
  const { genesisConfig } = deployment;
  const idle = await holdIdleData(dataDir);
  try {
    if (idle.genesisHash !== undefined && idle.genesisHash !== genesisConfig.l2GenesisHash)
      throw new NodeError("wrong-chain", "reject", `${dataDir} and the deployment file are of two chains`, {
        stored: idle.genesisHash,
        expected: genesisConfig.l2GenesisHash,
      });
    const path = join(dataDir, "node");
    mkdirSync(path, { recursive: true });
    const store = openLmdbStore({ path });
    try {
      return await work(store, genesisConfigHash(genesisConfig));
    } finally {
      await store.close();
    }
  } finally {
    idle.release();
  }
}

function onlySigner(store: Store, dataDir: string): Address {
  const [first, ...others] = protectedSigners(store);
  if (first === undefined)
    throw new NodeError("protection-absent", "reject", `nothing was signed in ${dataDir}`, { dataDir });
  if (others.length > 0)
    throw new NodeError(
      "protection-ambiguous",
      "reject",
      `${dataDir} has records of several keys: say which of ${[first, ...others].join(", ")}`,
      { signers: [first, ...others] },
    );
  return first;
}
