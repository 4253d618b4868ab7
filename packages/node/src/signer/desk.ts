import { guardedKeys, ProtectionStore, SequenceGuard } from "@metis/committee";
import type { BftKeys } from "@metis/committee";
import { addressOfKey } from "@metis/protocol";
import type { GenesisConfig } from "@metis/protocol";
import type { Secret, Store } from "@metis/runtime";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "viem";
import type { Address, Hex } from "viem";
import { recoverDigestSigner, signDigestFast } from "../signatures.ts";
import { SignerError } from "./errors.ts";
import { Judge } from "./requests.ts";
import type { Judged } from "./requests.ts";

interface HeldKey {
  readonly address: Address;
  /** Uncompressed, x ‖ y, without the leading 04: as Web3Signer names its keys. */
  readonly publicKey: Hex;
  readonly secret: Secret;
  readonly protection: ProtectionStore;
  readonly receipts: SequenceGuard;
  readonly votes: BftKeys;
}

/** A signature with what it was for. */
export interface Signed {
  readonly type: Judged["type"];
  readonly signature: Hex;
}

/** The keys of a remote signer: decodes what is asked, lets slashing protection speak, and only then signs. */
export class SigningDesk {
  readonly #judge: Judge;
  readonly #keys = new Map<string, HeldKey>();

  constructor(genesis: GenesisConfig, store: Store, secrets: readonly Secret[]) {
    this.#judge = new Judge(genesis);
    for (const secret of secrets) {
      const key = heldKey(store, secret);
      this.#keys.set(key.address, key).set(key.publicKey, key);
    }
  }

  /** Public keys, 64 bytes each. */
  get publicKeys(): readonly Hex[] {
    return [...new Set(this.#keys.values())].map(({ publicKey }) => publicKey);
  }

  get addresses(): readonly Address[] {
    return [...new Set(this.#keys.values())].map(({ address }) => address);
  }

  /**
   * Signs what `body` asks of the key that a public key or an address names. Throws `SignerError`; `CommitteeError` "double-sign" or
   * "not-monotone", and then nothing was signed; `StoreError` when protection could not be written.
   */
  async sign(identifier: string, body: unknown): Promise<Signed> {
    const key = this.#keys.get(identifier.toLowerCase());
    if (!key) throw new SignerError("unknown-key", "reject", "this signer holds no such key", {});
    const judged = this.#judge.judge(body);
    const { type, digest } = judged;
    switch (type) {
      case "ENGINE_VOTE":
        return { type, signature: key.votes.sign(digest, judged.message) };
      case "BLOCK_ATTESTATION": {
        const { generation, number } = judged.attestation;
        await key.protection.admit({ generation, number, digest });
        break;
      }
      case "RECEIPT": {
        const { generation, sequence } = judged.receipt;
        await key.receipts.admit({ generation, sequence, digest });
        break;
      }
      case "STATE_CLAIM":
      case "HEARTBEAT":
      case "MESH_HELLO":
    }
    return { type, signature: signDigestFast(digest, key.secret.reveal() as Hex) };
  }
}

function heldKey(store: Store, secret: Secret): HeldKey {
  const privateKey = secret.reveal() as Hex;
  const address = addressOfKey(privateKey);
  return {
    address,
    publicKey: bytesToHex(secp256k1.getPublicKey(hexToBytes(privateKey), false).subarray(1)),
    secret,
    protection: new ProtectionStore(store, address),
    receipts: new SequenceGuard(store, address),
    votes: guardedKeys((digest) => signDigestFast(digest, privateKey), recoverDigestSigner),
  };
}
