import { MetisError } from "./errors.ts";

/** Bytes or values that are not the canonical form of `what`. The same input never decodes. */
export class DecodeError extends MetisError<"decode-failed", { readonly what: string; readonly why: string }> {
  constructor(what: string, why: string) {
    super("decode-failed", "reject", `${what}: ${why}`, { what, why });
  }
}
