export * from "./brands.ts";
export * from "./structs.ts";
export * from "./errors.ts";
