export * from "./deploy/l1.ts";
export * from "./deploy/genesis.ts";
export * from "./deploy/plan.ts";
export * from "./deploy/errors.ts";
export * from "./deploy/preinstalls.ts";
export * from "./deploy/file.ts";
