import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { decrypt, encrypt, type Keystore as KeystoreFile } from "ox/Keystore";
import { bytesToHex, hexToBytes, pad, type Hex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import type { Rng } from "../rng.ts";
import { Secret } from "../secret.ts";
import { KeyError } from "./errors.ts";
import { maxScryptMemory, type Derivation, type Keystore } from "./form.ts";

/** geth's own choice: 256 MiB and about a second. */
export const standardScrypt = { n: 2 ** 18, r: 8, p: 1 } as const;
/** geth's `--lightkdf`: 4 MiB; for tests and throw-away keys. */
export const lightScrypt = { n: 2 ** 12, r: 8, p: 6 } as const;

type ScryptCost = Pick<Extract<Derivation, { kdf: "scrypt" }>, "n" | "r" | "p">;

export interface EncryptOptions {
  readonly rng: Rng;
  readonly cost?: ScryptCost;
}

/** Web3 Secret Storage, version 3, as geth writes it: scrypt, aes-128-ctr, keccak-256. Returns the file's text. */
export async function encryptKeystore(key: Secret, password: Secret, options: EncryptOptions): Promise<string> {
  const { rng, cost = standardScrypt } = options;
  const privateKey = key.reveal() as Hex;
  const salt = bytesToHex(rng.bytes(32));
  const derived = await derive({ kdf: "scrypt", ...cost, salt }, password);
  const { crypto, id } = encrypt(privateKey, derived, {
    id: uuid(rng),
    kdf: "scrypt",
    kdfparams: { dklen: 32, ...cost, salt: salt.slice(2) },
    iv: rng.bytes(16),
  });
  const address = privateKeyToAddress(privateKey).slice(2).toLowerCase();
  return `${JSON.stringify({ address, crypto, id, version: 3 }, undefined, 2)}\n`;
}

/**
 * Opens a keystore. Throws `KeyError`: "wrong-password" (a damaged file looks the same), "keystore-malformed" when it holds
 * no key, or another one than it says.
 */
export async function decryptKeystore(keystore: Keystore, password: Secret): Promise<Secret> {
  const derived = await derive(keystore.derivation, password);
  let opened: Hex;
  try {
    opened = decrypt(fileOf(keystore), derived);
  } catch {
    throw new KeyError("wrong-password", "the password is wrong, or the file is damaged");
  }
  // geth once wrote keys without their leading zeros.
  const key = pad(opened, { size: 32 });
  if (keystore.address !== undefined && addressOf(key) !== keystore.address)
    throw new KeyError("keystore-malformed", `the keystore says ${keystore.address} and holds another key`);
  return new Secret(key);
}

/** In small letters. Throws "keystore-malformed" for zero and for what is not below the order of secp256k1. */
export function addressOf(key: Hex): Hex {
  try {
    return privateKeyToAddress(key).toLowerCase() as Hex;
  } catch {
    throw new KeyError("keystore-malformed", "it holds no private key: zero, or not below the order of secp256k1");
  }
}

async function derive(derivation: Derivation, password: Secret): Promise<Hex> {
  const salt = hexToBytes(derivation.salt);
  const text = password.reveal();
  if (derivation.kdf === "pbkdf2") return bytesToHex(await promisify(pbkdf2)(text, salt, derivation.c, 32, "sha256"));
  const { n: N, r, p } = derivation;
  // Not Node's own: OpenSSL refuses n = 2^18 with r = 1, which is what many wallets write.
  return bytesToHex(await scryptAsync(text, salt, { N, r, p, dkLen: 32, maxmem: maxScryptMemory }));
}

/** What the library reads of a file; it is given the derived key, and looks at no parameter of the derivation. */
const fileOf = ({ id, iv, ciphertext, mac }: Keystore): KeystoreFile => ({
  crypto: {
    cipher: "aes-128-ctr",
    ciphertext: ciphertext.slice(2),
    cipherparams: { iv: iv.slice(2) },
    mac: mac.slice(2),
    kdf: "scrypt",
    kdfparams: { dklen: 32, n: 2, r: 1, p: 1, salt: "" },
  },
  id,
  version: 3,
});

/** Version 4 of RFC 9562. */
function uuid(rng: Rng): string {
  const bytes = rng.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytesToHex(bytes)
    .slice(2)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
