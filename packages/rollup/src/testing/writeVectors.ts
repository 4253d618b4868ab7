// Writes the vector files of this package: node scripts/node.mjs packages/rollup/src/testing/writeVectors.ts
// They are frozen: a change of what is there already is a change of the protocol.
import { writeFileSync } from "node:fs";
import { deriveKernel } from "./kernel.ts";
import { vectorFiles, vectorPath } from "./vectors.ts";

for (const [file, json] of Object.entries(await vectorFiles(deriveKernel())))
  writeFileSync(vectorPath(file), `${JSON.stringify(JSON.parse(json), null, 2)}\n`);
