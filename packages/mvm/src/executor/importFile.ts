import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { MvmError } from "../errors.ts";
import type { Head } from "../storage/database.ts";
import { inGroups } from "./groups.ts";
import type { Extended } from "./writer.ts";

/** Bytes of a file whose senders are worth threads of their own. */
const worthPreparing = 1024 * 1024;
/** No block of a real chain comes near; a length above it is no block. */
const maxBlockBytes = 64 * 1024 * 1024;

export interface ImportProgress {
  readonly head: Head;
  /** Bytes of the file dealt with, and in all. */
  readonly done: number;
  readonly total: number;
  /** Gas executed so far. */
  readonly gasUsed: bigint;
}

/** Length of the RLP list that begins at `at`; `undefined` when its head is not complete yet. */
function itemLength(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0xc0) throw new MvmError("import-invalid", "The file is not a row of RLP blocks.");
  if (first <= 0xf7) return 1 + first - 0xc0;
  const size = first - 0xf7;
  if (at + 1 + size > bytes.length) return undefined;
  const length = bytes.subarray(at + 1, at + 1 + size).reduce((sum, byte) => sum * 256 + byte, 0);
  if (length > maxBlockBytes) throw new MvmError("import-invalid", "The file holds a block of more than 64 MiB.");
  return 1 + size + length;
}

/** The blocks of a file that holds them one after the other. Throws `MvmError` "import-invalid". */
export async function* readBlocks(path: string): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (;;) {
      const length = itemLength(rest, at);
      if (length === undefined || at + length > rest.length) break;
      yield rest.subarray(at, at + length);
      at += length;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new MvmError("import-invalid", "The file ends in the middle of a block.");
}

/** Where blocks go. */
export interface ImportTarget {
  readonly head: Head;
  /** Resolves when the blocks are on disk. */
  importBlocks(blocks: readonly Uint8Array[]): Promise<Extended>;
  /** Begins what can be done before the blocks' turn. */
  prepare(blocks: readonly Uint8Array[]): void;
}

/**
 * Executes and stores the blocks of an RLP file. Blocks the database has are skipped, so an interrupted import goes on
 * where it stopped; what `onProgress` is told is on disk. Throws `MvmError` "import-invalid" or the kernel's refusal; the
 * blocks before the bad one stay.
 */
export async function importFile(
  target: ImportTarget,
  path: string,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportProgress> {
  const total = (await stat(path)).size;
  let progress: ImportProgress = { head: target.head, done: 0, total, gasUsed: 0n };
  await inGroups(
    readBlocks(path),
    ({ length }) => length,
    async ({ blocks, bytes }) => {
      if (total > worthPreparing) target.prepare(blocks);
      const { head, gasUsed } = await target.importBlocks(blocks);
      progress = { head, done: progress.done + bytes, total, gasUsed: progress.gasUsed + gasUsed };
      onProgress(progress);
    },
  );
  return progress;
}
