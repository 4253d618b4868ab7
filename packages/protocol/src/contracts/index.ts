/** ABIs and bytecode of every contract, generated from contracts/src (`npm run contracts`). */
export * from "./generated/index.ts";
export * from "./generated/sourceHash.ts";
export * from "./preinstalls.ts";
