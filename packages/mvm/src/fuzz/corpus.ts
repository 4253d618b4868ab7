import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plan } from "./plan.ts";

/** Plans that once found something, or that do what no other here does. */
export const corpusFolder = fileURLToPath(new URL("../../fuzz/corpus", import.meta.url));

export const readCorpus = (): { readonly name: string; readonly plan: Plan }[] =>
  readdirSync(corpusFolder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => ({ name, plan: JSON.parse(readFileSync(join(corpusFolder, name), "utf8")) as Plan }));
