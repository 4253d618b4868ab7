import { readFile } from "node:fs/promises";
import { Secret } from "@metis/runtime";
import { NodeError } from "../errors.ts";

/** The 0x key in a file. Throws `key-unreadable`, which names the file and never its content. */
export async function readKey(path: string | undefined, option: string): Promise<Secret> {
  if (path === undefined)
    throw new NodeError("config-incomplete", "reject", `${option} is needed for this role`, { option });
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new NodeError("key-unreadable", "reject", `${option}: ${path} cannot be read`, { option }, { cause });
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(text))
    throw new NodeError("key-unreadable", "reject", `${option}: ${path} does not hold one key as 0x hex`, { option });
  return new Secret(text);
}
