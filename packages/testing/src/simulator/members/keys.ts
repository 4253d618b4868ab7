import { addressOfKey } from "@metis/protocol";
import { recoverDigestSigner, signDigestFast } from "@metis/node/sequencer";
import { createHash } from "node:crypto";
import { keccak256, toHex } from "viem";
import type { Address, Hex } from "viem";

/** How members sign in a simulation. */
export interface Keyring {
  /** Address of the key with this name. */
  readonly address: (name: string) => Address;
  readonly sign: (name: string, digest: Hex) => Hex;
  readonly recover: (digest: Hex, signature: Hex) => Address | undefined;
}

const hash = (...parts: readonly string[]): string => createHash("sha256").update(parts.join("/")).digest("hex");

/**
 * Keyed hashes in the form of signatures: the signer's address, then a hash only the simulation can make. Nobody in a simulation
 * forges one except by guessing, and a thousand cost what one secp256k1 signature does.
 */
export function hashKeyring(): Keyring {
  const address = (name: string): Address => `0x${hash("address", name).slice(0, 40)}`;
  const seal = (signer: string, digest: Hex): Hex => `0x${signer.slice(2).padStart(64, "0")}${hash(signer, digest)}1b`;
  return {
    address,
    sign: (name, digest) => seal(address(name), digest),
    recover(digest, signature) {
      const signer: Address = `0x${signature.slice(26, 66)}`;
      return signature === seal(signer, digest) ? signer : undefined;
    },
  };
}

/** Real keys and signatures. */
export function curveKeyring(): Keyring {
  const addresses = new Map<string, Address>();
  const key = (name: string): Hex => keccak256(toHex(name));
  return {
    address(name) {
      const known = addresses.get(name) ?? addressOfKey(key(name));
      addresses.set(name, known);
      return known;
    },
    sign: (name, digest) => signDigestFast(digest, key(name)),
    recover: recoverDigestSigner,
  };
}
