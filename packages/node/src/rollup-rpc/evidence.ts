import { method } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { EvidenceDesk } from "../pool/evidence.ts";
import { show } from "./format.ts";

/** Pieces of evidence in an answer, at most; the newest are left out. */
const maxShown = 256;

/** What this node can show L1 against seats (docs/spec/slashing.md). */
export const evidenceMethods = (evidence: EvidenceDesk): Readonly<Record<string, RpcMethod>> => ({
  rollup_evidence: method([], async () => show(evidence.accusations.slice(0, maxShown))),
});
