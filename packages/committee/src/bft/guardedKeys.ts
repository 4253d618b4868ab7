import type { Address, Hex } from "viem";
import { bytesToHex } from "viem";
import { CommitteeError } from "../errors.ts";
import type { BftKeys } from "./core.ts";

/** Bytes before what tells votes apart: tag and domain; then kind (1), height (8) and round (8). */
const headBytes = 11 + 32;
const placeBytes = 1 + 8 + 8;
/** Places that are remembered. A height uses a handful; what a restart forgets is in the engine's log. */
const remembered = 4096;

/**
 * The seat's key as the core uses it: refuses a second message of one kind for one height and round. `sign` makes 65 bytes over a
 * digest, that of `message`; `recover` finds the signer of such bytes.
 */
export function guardedKeys(
  sign: (digest: Hex, message: Uint8Array) => Hex,
  recover: (digest: Hex, signature: Hex) => Address | undefined,
): BftKeys {
  const signed = new Map<string, Hex>();
  return {
    sign(digest, message) {
      const place = bytesToHex(message.subarray(0, headBytes + placeBytes));
      const earlier = signed.get(place);
      if (earlier !== undefined && earlier !== digest)
        throw new CommitteeError("double-sign", "halt", "refused to sign a second vote for one height and round", {
          place,
        });
      signed.set(place, digest);
      if (signed.size > remembered) signed.delete(signed.keys().next().value ?? place);
      return sign(digest, message);
    },
    forget: () => signed.clear(),
    recovers: (digest, signature, signer) => recover(digest, signature) === signer,
  };
}
