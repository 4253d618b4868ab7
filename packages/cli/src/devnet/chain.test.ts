import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readDeployment } from "./chain.ts";
import { DevnetFiles } from "./files.ts";

test("a folder that another version made says how to go on", (context) => {
  const root = mkdtempSync(join(tmpdir(), "metis-chain-"));
  context.after(() => rmSync(root, { recursive: true }));
  const files = new DevnetFiles(root);
  for (const content of ['{"format":1}', "", "null"]) {
    writeFileSync(files.deployment, content);
    assert.throws(() => readDeployment(files), { code: "other-version", message: /devnet --reset/ });
  }
});
