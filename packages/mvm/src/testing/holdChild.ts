// Opens the chain in the folder argv[2], prints one line, and holds it until its input ends; an error ends it with its code.
import { writeSync } from "node:fs";
import { MvmError } from "../errors.ts";
import { openMvm } from "../mvm.ts";
import { rollupGenesis } from "./rollup.ts";

try {
  const mvm = await openMvm({ dataDir: process.argv[2]!, genesis: rollupGenesis() });
  writeSync(1, "open\n");
  for await (const _ of process.stdin);
  await mvm.close();
} catch (error) {
  if (!(error instanceof MvmError)) throw error;
  writeSync(1, `${error.code} ${error.message}\n`);
}
