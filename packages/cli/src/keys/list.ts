import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { addressOf, KeyError, readKeyFile } from "@metis/runtime";
import { getAddress, type Address, type Hex } from "viem";

/** What can be told of a key file without its password. */
export interface KeyFileSummary {
  readonly file: string;
  readonly kind: "keystore" | "plain";
  /** What a keystore says of itself; checked when it is opened. */
  readonly address: Address | undefined;
  /** Key derivation of a keystore. */
  readonly kdf?: string;
}

/** Throws `KeyError`. */
export async function summarise(file: string): Promise<KeyFileSummary> {
  const found = await readKeyFile(file);
  if (found.kind === "plain") return { file, kind: "plain", address: getAddress(addressOf(found.key.reveal() as Hex)) };
  const { address, derivation } = found.keystore;
  const { salt: _, kdf, ...cost } = derivation;
  const shown = Object.entries(cost).map(([name, value]) => `${name}=${value}`);
  return {
    file,
    kind: "keystore",
    address: address === undefined ? undefined : getAddress(address),
    kdf: `${kdf} ${shown.join(" ")}`,
  };
}

/** Every key file of a folder, by name; what is none is passed over. */
export async function listKeys(folder: string): Promise<readonly KeyFileSummary[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .toSorted();
  const found: KeyFileSummary[] = [];
  for (const name of names)
    try {
      found.push(await summarise(join(folder, name)));
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
    }
  return found;
}
