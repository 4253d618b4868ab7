import type { Hex } from "viem";
import { encodeAbiParameters, keccak256, toHex } from "viem/utils";
import { decodeCanonicalAbi } from "./abi.ts";
import type { Epoch, Generation, Hash, L1BlockNumber } from "./brands.ts";
import { signingPreimage } from "./typedData.ts";
import type { SigningDomain } from "./typedData.ts";

/** A member's sign of life while no batch comes (docs/spec/below-two-thirds.md). */
export interface Heartbeat {
  readonly generation: Generation;
  readonly epoch: Epoch;
  /** One of L1's last `heartbeatBlocks`, by number and hash: nobody can have signed it earlier. */
  readonly l1BlockNumber: L1BlockNumber;
  readonly l1BlockHash: Hash;
}

/** How many L1 blocks old a heartbeat may be. */
export const heartbeatBlocks = 32n;

const fields = [
  { name: "generation", type: "uint32" },
  { name: "epoch", type: "uint64" },
  { name: "l1BlockNumber", type: "uint64" },
  { name: "l1BlockHash", type: "bytes32" },
] as const;

/** EIP-712 type of `Heartbeat`. */
export const heartbeatTypes = { Heartbeat: fields } as const;

const typeHash = keccak256(toHex(`Heartbeat(${fields.map(({ name, type }) => `${type} ${name}`).join(",")})`));

/** EIP-712 hashStruct. */
export const heartbeatHash = (beat: Heartbeat): Hash =>
  keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, ...fields],
      [typeHash, beat.generation, beat.epoch, beat.l1BlockNumber, beat.l1BlockHash],
    ),
  );

const abi = [{ type: "tuple", components: fields }] as const;
/** `abi.encode` of the struct. */
export const encodeHeartbeat = (beat: Heartbeat): Hex => encodeAbiParameters(abi, [beat]);

/** The heartbeat that `encodeHeartbeat` made `data` of. Throws `DecodeError` for everything else. */
export const decodeHeartbeat = (data: Hex | Uint8Array): Heartbeat =>
  decodeCanonicalAbi("Heartbeat", abi, data, 4 * 32)[0];

/** What a seat signs. */
export const heartbeatDigest = (domain: SigningDomain, beat: Heartbeat): Hash =>
  keccak256(signingPreimage(domain, heartbeatHash(beat)));
