import { createWriteStream, createReadStream, renameSync, rmSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { MetisError } from "@metis/protocol";
import { askAnvil } from "./anvilCall.ts";

/** The file that an L1 of anvil is to go on from is damaged. */
export class AnvilStateError extends MetisError<"damaged-state", { readonly path: string }> {
  override readonly name = "AnvilStateError";
}

const saveTries = 3;

/**
 * Writes the chain of the anvil at `url` to `path`: gzipped, in the form that anvil loads, whole or not at all. Anvil reads its
 * blocks and its state one after the other, so a block mined meanwhile means another try. Throws `anvil-refused`, and fetch's errors.
 */
export async function saveAnvil(url: string, path: string): Promise<void> {
  let dump = "";
  for (let tries = 0; tries < saveTries; tries++) {
    const before = await askAnvil(url, "eth_blockNumber");
    dump = await askAnvil(url, "anvil_dumpState");
    if ((await askAnvil(url, "eth_blockNumber")) === before) break;
  }
  const draft = `${path}.new`;
  writeFileSync(draft, Buffer.from(dump.slice(2), "hex"), { flush: true });
  renameSync(draft, path);
}

/** Unpacks what `saveAnvil` wrote beside itself and returns where. Throws `damaged-state`. */
export async function unpackSaved(path: string): Promise<string> {
  const unpacked = `${path}.unpacked`;
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpacked));
  } catch (error) {
    rmSync(unpacked, { force: true });
    const message = `${path} is not what anvil's chain was saved to: ${String(error)}`;
    throw new AnvilStateError("damaged-state", "halt", message, { path }, { cause: error });
  }
  return unpacked;
}
