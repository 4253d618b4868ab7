import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";

/** Compiles mvm.wasm, which lies beside the sources. */
export async function loadKernelModule(): Promise<WebAssembly.Module> {
  const packed = await readFile(new URL("../../wasm/mvm.wasm.br", import.meta.url));
  const bytes = await promisify(brotliDecompress)(packed);
  return WebAssembly.compile(Uint8Array.from(bytes));
}
