import { equalBytes } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { joinInputs } from "../storage/body.ts";
import { rawBytes, rawItems, rawSequence } from "../wire/raw.ts";
import { importBlockRequest, onParent } from "../wire/requests.ts";
import type { SealedResponse } from "../wire/sealed.ts";
import type { CommitJob } from "./committer.ts";
import type { ImportedBlock } from "./imported.ts";

/** A block that is to be executed on the newest one and kept. */
export interface Task {
  /** The kernel's export that does all of it, and the one that leaves the roots to `seal_executed`. */
  readonly whole: "execute_block" | "import_block";
  readonly rootless: "run_block" | "run_import";
  /** The request for both. */
  request(parentHeader: Uint8Array): Uint8Array;
  /** What the block says of itself beforehand: it counts once its roots are computed and come to the same. */
  readonly claimed?: { readonly hash: Uint8Array; readonly headerRlp: Uint8Array };
  /** What goes to the disk beside the kernel's answer. Throws `MvmError` "import-invalid" when it is not what was claimed. */
  job(response: SealedResponse): Omit<CommitJob, "answer">;
}

/** `leaf`: RLP of `inputsHeadFields`; `fields`: `openFields`; `skipped`: as `joinInputs` takes them. */
export const leafJob = (
  leaf: Uint8Array,
  fields: Uint8Array,
  skipped: Parameters<typeof joinInputs>[1],
): Pick<CommitJob, "inputs" | "anchorHeader"> => ({
  inputs: joinInputs(leaf, skipped),
  anchorHeader: rawBytes(rawSequence(fields)[1]!),
});

/** A block from its leaf. `fields`: `openFields`; `transactions`: RLP of their list. */
export const leafTask = (fields: Uint8Array, transactions: Uint8Array): Task => ({
  whole: "execute_block",
  rootless: "run_block",
  request: (parentHeader) => onParent(parentHeader, fields, transactions),
  job: ({ skipped }) => {
    const posted = skipped.length === 0 ? [] : rawItems(transactions);
    const left = skipped.map(({ index }) => [index, posted[index]!] as const);
    return leafJob(rawSequence(fields)[0]!, fields, left);
  },
});

/** A full Ethereum block, RLP in `bytes`. */
export const importTask = (bytes: Uint8Array, { number, hash, headerRlp, parts }: ImportedBlock): Task => ({
  whole: "import_block",
  rootless: "run_import",
  request: (parentHeader) => importBlockRequest(parentHeader, bytes),
  claimed: { hash, headerRlp },
  job: (response) => {
    if (!equalBytes(response.hash, hash))
      throw new MvmError("import-invalid", `Block ${number} executes to another hash than the file has.`);
    return { imported: parts };
  },
});
