import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { decodeRlp, type RlpItem } from "@metis/protocol";
import type { DeriveKernel } from "../derivation/deriver.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  alloc(length: number): number;
  derive(at: number, length: number): bigint;
}

/** What the kernel refused, as it says it. */
export class KernelRefusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const notProvided = 2;

/** The committed kernel, for its export `derive` alone: no state stands behind it. */
export function deriveKernel(): DeriveKernel {
  const packed = readFileSync(new URL("../../../mvm/wasm/mvm.wasm.br", import.meta.url));
  const module = new WebAssembly.Module(Uint8Array.from(brotliDecompressSync(packed)));
  const stateless = (): never => {
    throw new Error("derivation reads no state");
  };
  const metis = {
    account: stateless,
    storage: stateless,
    code: stateless,
    block_hash: stateless,
    trie_node: stateless,
    log: () => undefined,
    crypto_ecrecover: () => notProvided,
  };
  const kernel = new WebAssembly.Instance(module, { metis }).exports as unknown as Exports;
  return (request) => {
    const at = kernel.alloc(request.length) >>> 0;
    new Uint8Array(kernel.memory.buffer, at, request.length).set(request);
    const packedAnswer = BigInt.asUintN(64, kernel.derive(at, request.length));
    const [start, length] = [Number(packedAnswer >> 32n), Number(packedAnswer & 0xffff_ffffn)];
    const answer = new Uint8Array(kernel.memory.buffer, start, length).slice();
    if (answer[0] === 0) return answer.subarray(1);
    const [code, message] = (decodeRlp(answer.subarray(1)) as readonly RlpItem[]).map((item) =>
      new TextDecoder().decode(item as Uint8Array),
    );
    throw new KernelRefusal(code!, message!);
  };
}
