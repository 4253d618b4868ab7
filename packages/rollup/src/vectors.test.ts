import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { dictionary } from "./payload/dictionary.ts";
import { deriveKernel } from "./testing/kernel.ts";
import { vectorFiles, vectorPath } from "./testing/vectors.ts";

test("payload, blobs and derivation give what their frozen vectors say", async () => {
  for (const [file, json] of Object.entries(await vectorFiles(deriveKernel())))
    assert.deepEqual(JSON.parse(json), JSON.parse(readFileSync(vectorPath(file), "utf8")), file);
});

test("the dictionary is the one of the specification", () => {
  const file = readFileSync(new URL("../../../docs/spec/payload-dictionary.bin", import.meta.url));
  assert.deepEqual(Buffer.from(dictionary), file);
});
