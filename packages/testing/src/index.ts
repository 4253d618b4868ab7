export * from "./accounts.ts";
export * from "./anvil.ts";
export * from "./children.ts";
export * from "./genesisOracle.ts";
export * from "./deployments.ts";
export * from "./fixtures.ts";
export * from "./devnet.ts";
export * from "./cast.ts";
