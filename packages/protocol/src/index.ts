export * from "./brands.ts";
export * from "./structs.ts";
