import type { Hex } from "viem";
import { KeyError } from "./errors.ts";

/** Key derivation of a keystore. `n`, `r`, `p`: RFC 7914; `c`: rounds of HMAC-SHA256, RFC 8018. */
export type Derivation =
  | { readonly kdf: "scrypt"; readonly n: number; readonly r: number; readonly p: number; readonly salt: Hex }
  | { readonly kdf: "pbkdf2"; readonly c: number; readonly salt: Hex };

/** A Web3 Secret Storage file of version 3, checked for form and for what it would cost to open. */
export interface Keystore {
  readonly id: string;
  /** Whose key it holds, if the file says so; in small letters. Not to be believed before it is opened. */
  readonly address: Hex | undefined;
  readonly derivation: Derivation;
  readonly iv: Hex;
  readonly ciphertext: Hex;
  readonly mac: Hex;
}

/** Bytes: a keystore has about 500. */
export const maxKeyFileBytes = 16_384;
/** 1 GiB: four times what geth's own files take. */
export const maxScryptMemory = 2 ** 30;
/** Blocks mixed, n * r * p: eight times geth's own, some seconds. */
const maxScryptWork = 2 ** 24;
const maxPbkdf2Rounds = 10_000_000;

const malformed = (what: string): never => {
  throw new KeyError("keystore-malformed", `not a keystore of version 3: ${what}`);
};
const unsupported = (what: string): never => {
  throw new KeyError("keystore-unsupported", `this keystore cannot be read: ${what}`);
};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown, what: string): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : malformed(`${what} is no object`);

const hexOf = (value: unknown, what: string, bytes: readonly [min: number, max: number]): Hex => {
  if (typeof value !== "string" || !/^(0x)?([0-9a-fA-F]{2})*$/.test(value)) return malformed(`${what} is no hex`);
  const digits = value.replace(/^0x/, "").toLowerCase();
  const [min, max] = bytes;
  if (digits.length < 2 * min || digits.length > 2 * max) return malformed(`${what} has ${digits.length / 2} bytes`);
  return `0x${digits}`;
};

const countOf = (value: unknown, what: string): number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0
    ? value
    : malformed(`${what} is no positive whole number`);

/**
 * Reads a keystore's JSON without opening it. Throws `KeyError`: "keystore-malformed", "keystore-unsupported",
 * "keystore-too-expensive".
 */
export function parseKeystore(text: string): Keystore {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed("it is not JSON");
  }
  const file = fieldsOf(json, "it");
  if (file["version"] !== 3) return unsupported("its version is not 3; versions 1 and 2 are older than 2016");
  // Parity and early geth wrote the name with a capital.
  const crypto = fieldsOf(file["crypto"] ?? file["Crypto"], "crypto");
  if (crypto["cipher"] !== "aes-128-ctr") return unsupported("its cipher is not aes-128-ctr");
  const { address, id } = file;
  return {
    id: typeof id === "string" ? id : "",
    address: address === undefined || address === "" ? undefined : hexOf(address, "address", [20, 20]),
    derivation: derivationOf(crypto),
    iv: hexOf(fieldsOf(crypto["cipherparams"], "cipherparams")["iv"], "iv", [16, 16]),
    ciphertext: hexOf(crypto["ciphertext"], "ciphertext", [1, 32]),
    mac: hexOf(crypto["mac"], "mac", [32, 32]),
  };
}

function derivationOf(crypto: Fields): Derivation {
  const parameters = fieldsOf(crypto["kdfparams"], "kdfparams");
  if (countOf(parameters["dklen"], "dklen") !== 32) return unsupported("its dklen is not 32");
  const salt = hexOf(parameters["salt"], "salt", [0, 256]);
  if (crypto["kdf"] === "scrypt") return scryptOf(parameters, salt);
  if (crypto["kdf"] !== "pbkdf2") return unsupported("its key derivation is neither scrypt nor pbkdf2");
  if (parameters["prf"] !== "hmac-sha256") return unsupported("its prf is not hmac-sha256");
  const c = countOf(parameters["c"], "c");
  if (c > maxPbkdf2Rounds) return tooExpensive(`${c} rounds of pbkdf2; at most ${maxPbkdf2Rounds} are done`);
  return { kdf: "pbkdf2", c, salt };
}

function scryptOf(parameters: Fields, salt: Hex): Derivation {
  const [n, r, p] = [countOf(parameters["n"], "n"), countOf(parameters["r"], "r"), countOf(parameters["p"], "p")];
  if (n < 2 || !Number.isInteger(Math.log2(n))) return malformed("n is no power of two");
  const memory = 128 * r * (n + p + 1);
  if (memory > maxScryptMemory) return tooExpensive(`scrypt with ${Math.ceil(memory / 2 ** 20)} MiB of memory`);
  if (n * r * p > maxScryptWork) return tooExpensive(`scrypt with n * r * p = ${n * r * p}; at most ${maxScryptWork}`);
  return { kdf: "scrypt", n, r, p, salt };
}

const tooExpensive = (what: string): never => {
  throw new KeyError("keystore-too-expensive", `opening this keystore would take ${what}. Where does it come from?`);
};
