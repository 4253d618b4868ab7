export * from "./accounts.ts";
export * from "./anvil.ts";
