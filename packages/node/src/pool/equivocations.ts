import type { Equivocation, EvidenceStore } from "@metis/committee";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { encodeFunctionData } from "viem";
import type { Accusation, Witness } from "./accuser.ts";

/** Those who signed two blocks of one number, as heard from them. */
export const equivocationWitness = (evidence: Pick<EvidenceStore, "entries">): Witness => ({
  accusations: async () => [...evidence.entries()].map(accusationOf),
});

const accusationOf = ({ signer, first, second }: Equivocation): Accusation => ({
  id: `${first.attestation.generation}/${first.attestation.number}/${signer}`,
  signer,
  offence: "signed two blocks of one number",
  data: encodeFunctionData({
    abi: slashingManagerAbi,
    functionName: "reportEquivocation",
    args: [first.attestation, first.signature, second.attestation, second.signature],
  }),
});
