import { bytesToHex, concatBytes, keccak256, numberToHex } from "viem";
import { blobCapacity, packBlobs } from "../blobs.ts";
import { encodeDeriveRequest, type DeriveKernel } from "../derivation/deriver.ts";
import { encodeContent } from "../payload/payload.ts";
import { deriveCases } from "./cases.ts";
import { claimed, scriptedBlocks, scriptedChainId, scriptedL1 } from "./chain.ts";
import { rawTransaction } from "./transactions.ts";

/** An entry of a file in docs/spec/vectors. */
interface Vector {
  readonly name: string;
  readonly input: unknown;
  readonly output: unknown;
}

/** Longer requests are left to the tests of this package: the files stay small. */
const maxRequest = 20_000;

/** Requests and answers of derivation, for the kernel's native tests. */
async function derivation(kernel: DeriveKernel): Promise<readonly Vector[]> {
  const requests = deriveCases
    .map(({ name, reason, request }) => ({
      name: `${reason ?? "good"}: ${name}`,
      request: encodeDeriveRequest(request),
    }))
    .filter(({ request }) => request.length <= maxRequest);
  const vectors: Vector[] = [];
  for (const { name, request } of requests)
    vectors.push({ name, input: bytesToHex(request), output: bytesToHex(await kernel(request)) });
  return vectors;
}

/** Blocks and the content they encode to. */
function payload(): readonly Vector[] {
  const l1 = scriptedL1(4);
  const other = "0x00000000000000000000000000000000000000ab" as const;
  const scripts = {
    "one empty block": [{ anchor: 0, at: 1 }],
    "anchor moves, two proposers": [
      { anchor: 0, at: 1 },
      { anchor: 1, at: 12, proposer: other, rate: 10n ** 20n, attendance: "0x0102" as const },
      { anchor: 3, at: 300, generation: 2 },
    ],
    transactions: [
      {
        anchor: 0,
        at: 1,
        transactions: [rawTransaction(), rawTransaction({ nonce: 128n, to: "0x" as const, data: "0x6001" as const })],
      },
      { anchor: 1, at: 13, transactions: [rawTransaction({ tip: 5n, r: 1n, s: 2n })] },
    ],
  };
  return Object.entries(scripts).map(([name, script]) => {
    const blocks = claimed(scriptedBlocks(l1, script));
    const parent = { time: l1[0]!.time, anchorNumber: l1[0]!.number, generation: 0 };
    return {
      name,
      input: { chainId: scriptedChainId, parent, blocks },
      output: bytesToHex(encodeContent(scriptedChainId, parent, blocks)),
    };
  });
}

/** Payloads, as the seed of a byte stream, and the hash of their blobs joined. */
function blobs(): readonly Vector[] {
  return [1, 31, 32, blobCapacity, blobCapacity + 1].map((size) => {
    const packed = packBlobs(byteStream(size));
    return {
      name: `${size} bytes`,
      input: { size },
      output: { count: packed.length, hash: keccak256(concatBytes(packed)) },
    };
  });
}

/** keccak256(0) ‖ keccak256(1) ‖ ... over 32-byte numbers, cut to `size` bytes. */
function byteStream(size: number): Uint8Array {
  const words = Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
    keccak256(numberToHex(i, { size: 32 }), "bytes"),
  );
  return concatBytes(words).subarray(0, size);
}

/** The vector files that this package answers for, as they stand in docs/spec/vectors. */
export async function vectorFiles(kernel: DeriveKernel): Promise<Readonly<Record<string, string>>> {
  const files = { derivation: await derivation(kernel), payload: payload(), blobs: blobs() };
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
  return Object.fromEntries(Object.entries(files).map(([file, vectors]) => [file, JSON.stringify(vectors, plain)]));
}

/** Where a vector file stands. */
export const vectorPath = (file: string): URL => new URL(`../../../../docs/spec/vectors/${file}.json`, import.meta.url);
