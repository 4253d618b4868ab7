import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";

let compiled: Promise<WebAssembly.Module> | undefined;

/** mvm.wasm, which lies beside the sources, compiled once in this thread; workers take the module as a message. */
export function loadKernelModule(): Promise<WebAssembly.Module> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  const packed = await readFile(new URL("../../wasm/mvm.wasm.br", import.meta.url));
  const bytes = await promisify(brotliDecompress)(packed);
  return WebAssembly.compile(Uint8Array.from(bytes));
}
