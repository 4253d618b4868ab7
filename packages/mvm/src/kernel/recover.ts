import { createRequire } from "node:module";

type NativeRecover = (message: Uint8Array, signature: Uint8Array, recid: number) => Uint8Array | null;

interface Secp256k1Bindings {
  /** Throws for a signature without a key. `output`: 65 bytes, 4 ‖ x ‖ y. */
  ecdsaRecover(
    signature: Uint8Array,
    recid: number,
    message: Uint8Array,
    compressed: boolean,
    output: Uint8Array,
  ): Uint8Array;
}

/** libsecp256k1 where a prebuilt binding exists; the pure JavaScript of the same package is slower than the kernel. */
function loadNativeRecover(): NativeRecover | undefined {
  try {
    const bindings = createRequire(import.meta.url)("secp256k1/bindings.js") as Secp256k1Bindings;
    return (message, signature, recid) => {
      try {
        return bindings.ecdsaRecover(signature, recid, message, false, new Uint8Array(65)).subarray(1);
      } catch {
        return null;
      }
    };
  } catch {
    return undefined;
  }
}

const nativeRecover = loadNativeRecover();

/** False on platforms without a prebuilt libsecp256k1: the kernel recovers keys itself there, five times slower. */
export const hasNativeRecover = nativeRecover !== undefined;

/**
 * Public key (64 bytes) behind a signature (r ‖ s, any s below the order) of a 32-byte message; `null` when there is none,
 * `undefined` when nothing native is at hand. `recid`: 0 to 3. The arguments are copied: they may be views of a kernel's memory.
 */
export function recoverKey(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined {
  return nativeRecover?.(Uint8Array.from(message), Uint8Array.from(signature), recid);
}
