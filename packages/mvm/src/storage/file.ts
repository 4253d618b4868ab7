import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { MvmError } from "../errors.ts";

/** Places inside lmdb's two head pages, little endian. */
const field = { magic: 24, pageSize: 48, lastPage: 144, transaction: 152, end: 160 } as const;
const magic = 0xbeef_c0de;
/** Pages that a transaction made and gave up need not be in the file: so many may be missing at its end. */
const slackPages = 1024n;

interface MetaPage {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/**
 * Looks at the file's head before lmdb maps it: lmdb trusts it, and a damaged one ends the process instead of an error. So does
 * reading what the map has beyond the file's end: a file that is short of pages gets zeros in their place, which no read takes for
 * a page. They are appended: whatever another thread writes meanwhile stays.
 * `path`: the database's folder. Throws `MvmError` "database-corrupt", or "database-io" when the file cannot grow.
 */
export function checkDataFile(path: string): void {
  const file = join(path, "data.mdb");
  if (!existsSync(file)) return;
  const missing = missingBytes(path, file);
  if (missing === 0) return;
  try {
    appendFileSync(file, Buffer.alloc(missing));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new MvmError(
      "database-io",
      `The database in ${path} cannot be written: ${said}.`,
      undefined,
      { path },
      { cause: error },
    );
  }
}

/** How much of its newest transaction's pages the file lacks. */
function missingBytes(path: string, file: string): number {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return 0;
    const first = readMeta(handle, 0);
    const second = readMeta(handle, first?.pageSize ?? 4096);
    if (first === undefined || second === undefined) throw damaged(path, "its first pages are not those of a database");
    const newest = first.transaction > second.transaction ? first : second;
    const missing = (newest.lastPage + 1n) * BigInt(newest.pageSize) - BigInt(size);
    if (missing > slackPages * BigInt(newest.pageSize)) throw damaged(path, "the file was cut short");
    return missing > 0n ? Number(missing) : 0;
  } finally {
    closeSync(handle);
  }
}

function readMeta(handle: number, at: number): MetaPage | undefined {
  const page = Buffer.alloc(field.end);
  if (readSync(handle, page, 0, page.length, at) < page.length) return undefined;
  const pageSize = page.readUInt32LE(field.pageSize);
  const isPage = pageSize >= 512 && pageSize <= 65_536 && Number.isInteger(Math.log2(pageSize));
  if (page.readUInt32LE(field.magic) !== magic || !isPage) return undefined;
  const lastPage = page.readBigUInt64LE(field.lastPage);
  return { pageSize, lastPage, transaction: page.readBigUInt64LE(field.transaction) };
}

/** What to do about a database that holds what nobody wrote. */
export const damaged = (path: string, why: string, cause?: unknown): MvmError =>
  new MvmError(
    "database-corrupt",
    `The database in ${path} is damaged: ${why}. Delete the folder and sync again from L1, or import a snapshot.`,
    undefined,
    { path },
    cause === undefined ? undefined : { cause },
  );
