import type { Address, Hex } from "viem";
import { bytesToHex, concatHex, hexToBytes, keccak256, numberToHex, slice } from "viem/utils";
import type { Generation, Hash } from "./brands.ts";
import { DecodeError } from "./decodeError.ts";
import { zeroAddress, zeroHash } from "./deposit.ts";

/** What an L2 header's extraData says (docs/spec/structs.md, "extraData"). */
export interface ExtraData {
  readonly flags: number;
  readonly generation: Generation;
  readonly proposer: Address;
}

/** Bytes of an L2 header's extraData (docs/spec/structs.md). */
export const extraDataLength = 26;
const extraDataVersion = 1;

/** extraData of an L2 header; `proposer` is zero in fallback blocks. */
export const encodeExtraData = (extra: ExtraData): Hex =>
  concatHex([
    numberToHex(extraDataVersion, { size: 1 }),
    numberToHex(extra.flags, { size: 1 }),
    numberToHex(extra.generation, { size: 4 }),
    extra.proposer,
  ]);

/** Throws `DecodeError` on a wrong length, another version or unknown flags. */
export function decodeExtraData(extraData: Hex): ExtraData {
  let bytes: Uint8Array;
  try {
    bytes = hexToBytes(extraData);
  } catch {
    throw new DecodeError("extraData", "not hex");
  }
  if (bytes.length !== extraDataLength) throw new DecodeError("extraData", `not ${extraDataLength} bytes long`);
  if (bytes[0] !== extraDataVersion) throw new DecodeError("extraData", `version ${bytes[0]} is unknown`);
  if (bytes[1]! > 3) throw new DecodeError("extraData", "unknown flags");
  return {
    flags: bytes[1]!,
    generation: Number(slice(extraData, 2, 6)),
    proposer: bytesToHex(bytes.subarray(6)),
  };
}

/** extraData of L2 block 0. */
export const genesisExtraData: Hex = encodeExtraData({ flags: 0, generation: 0, proposer: zeroAddress });

/** What the state of a block is claimed to be; the preimage of an output root. */
export interface OutputRootPreimage {
  readonly stateRoot: Hash;
  readonly messagePasserStorageRoot: Hash;
  readonly blockHash: Hash;
}

/** docs/spec/structs.md, "Output root". */
export const outputRoot = (preimage: OutputRootPreimage): Hash =>
  keccak256(concatHex([zeroHash, preimage.stateRoot, preimage.messagePasserStorageRoot, preimage.blockHash]));
