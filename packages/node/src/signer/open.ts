import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { holdIdleData } from "@metis/mvm";
import { genesisConfigHash } from "@metis/protocol";
import type { GenesisConfig } from "@metis/protocol";
import { codecs, openLmdbStore, openTable } from "@metis/runtime";
import type { Secret, Store } from "@metis/runtime";
import { NodeError } from "../errors.ts";
import { SigningDesk } from "./desk.ts";

export interface SignerDataOptions {
  /** A folder of the signer's own; laid out as a node's, so that `metis keys protection` reads and fills it. */
  readonly dataDir: string;
  readonly genesisConfig: GenesisConfig;
  readonly keys: readonly Secret[];
}

/** A desk whose protection is on disk; one process at a time has it. */
export interface OpenDesk {
  readonly desk: SigningDesk;
  close(): Promise<void>;
}

/** Throws `MvmError` "data-dir-busy", `NodeError` "wrong-chain". */
export async function openSigningDesk({ dataDir, genesisConfig, keys }: SignerDataOptions): Promise<OpenDesk> {
  const path = join(dataDir, "node");
  mkdirSync(path, { recursive: true });
  const idle = await holdIdleData(dataDir);
  let store: Store | undefined;
  try {
    store = openLmdbStore({ path });
    await bindToChain(store, genesisConfig);
    const opened = store;
    return {
      desk: new SigningDesk(genesisConfig, store, keys),
      close: async () => {
        await opened.close();
        idle.release();
      },
    };
  } catch (error) {
    await store?.close();
    idle.release();
    throw error;
  }
}

/** Protection counts numbers of one chain: on another one it would refuse, or protect nothing. */
async function bindToChain(store: Store, genesisConfig: GenesisConfig): Promise<void> {
  const table = openTable(store, "signer", codecs.text, codecs.hex);
  const expected = genesisConfigHash(genesisConfig);
  const stored = table.get("chain");
  if (stored === undefined) await store.write([table.put("chain", expected)]);
  else if (stored !== expected)
    throw new NodeError("wrong-chain", "reject", "the signer's data and the deployment file are of two chains", {
      stored,
      expected,
    });
}
