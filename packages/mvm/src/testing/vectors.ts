import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./synthetic.ts";

/**
 * Folder with `members` of an archive of vectors written by others, removed after the test; `undefined`, and the test
 * says why it is skipped, when the archives are not there.
 */
export function unpackVectors(t: TestContext, archive: string, members: readonly string[]): string | undefined {
  const vectors = process.env["METIS_VECTORS"];
  const file = vectors && join(vectors, archive);
  if (file === undefined || !existsSync(file)) {
    t.skip(`METIS_VECTORS names no folder with ${archive}`);
    return undefined;
  }
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  execFileSync("tar", ["-xJf", file, "-C", folder.path, ...members]);
  return folder.path;
}
