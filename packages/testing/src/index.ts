export * from "./accounts.ts";
export * from "./anvil.ts";
export * from "./genesisOracle.ts";
export * from "./fixtures.ts";
