import { DataMode, zeroHash, type BlockInputs, type ChainConfig, type Deposit } from "@metis/protocol";
import { keccak256 } from "viem";
import { blobLength, packBlobs } from "../blobs.ts";
import type { DeriveRequest } from "../derivation/deriver.ts";
import { compressContent, encodeContent } from "../payload/payload.ts";
import {
  claimed,
  scriptedBlocks,
  scriptedConfig,
  scriptedDeposit,
  scriptedL1,
  scriptedRequest,
  type ScriptedBatch,
  type ScriptedBlock,
} from "./chain.ts";
import { contentCases } from "./contentCases.ts";
import { curveOrder, rawTransaction, type RawTransaction } from "./transactions.ts";

/** A batch and the reason for which it is bad; none when it is good. */
export interface DeriveCase {
  readonly name: string;
  readonly reason: string | undefined;
  readonly request: DeriveRequest;
}

const l1 = scriptedL1(130);
const plain = scriptedConfig(l1);

interface Script {
  readonly blocks?: readonly ScriptedBlock[];
  readonly deposits?: readonly Deposit[];
  readonly config?: Partial<ChainConfig>;
  /** Changes the content before it is compressed. */
  readonly content?: (content: Uint8Array) => Uint8Array;
  /** Changes the payload; the header follows it. */
  readonly payload?: (payload: Uint8Array) => Uint8Array;
  /** Changes what derivation is asked; the payload stands. */
  readonly batch?: (payload: Uint8Array) => Partial<ScriptedBatch>;
}

/** A good batch of two blocks, the second with an anchor move and a transaction, but for what `script` changes. */
function build(script: Script): DeriveRequest {
  const config = { ...plain, ...script.config };
  const shape = script.blocks ?? [
    { anchor: 0, at: 1 },
    { anchor: 2, at: 24, transactions: [rawTransaction()] },
  ];
  const blocks = scriptedBlocks(l1, shape, script.deposits);
  const parent = { time: config.genesisAnchorTime, anchorNumber: config.genesisAnchorNumber, generation: 0 };
  const content = encodeContent(config.l2ChainId, parent, claimed(blocks));
  const compressed = compressContent(script.content?.(content) ?? content);
  const payload = script.payload?.(compressed) ?? compressed;
  const last = { anchor: shape.at(-1)!.anchor, lastTime: blocks.at(-1)!.time };
  return scriptedRequest({ config, l1, ...last, payload, deposits: script.deposits ?? [], ...script.batch?.(payload) });
}

const ofBlock = (block: Partial<BlockInputs>): Script => ({ blocks: [{ anchor: 1, at: 12, ...block }] });
const ofTransaction = (fields: RawTransaction): Script => ofBlock({ transactions: [rawTransaction(fields)] });
const inBlobs =
  (change: (blobs: Uint8Array[]) => readonly Uint8Array[], payloadSize?: number) =>
  (payload: Uint8Array): Partial<ScriptedBatch> => ({
    header: {
      dataMode: DataMode.blobs,
      payloadHash: zeroHash,
      dataCommitment: keccak256("0x01"),
      payloadSize: payloadSize ?? payload.length,
    },
    data: { kind: "blobs", blobs: change([...packBlobs(payload)]) },
  });
const setByte = (position: number, value: number) => (bytes: Uint8Array) => bytes.with(position, value);
const authorization = [0, zeroHash.slice(0, 42) as `0x${string}`, 0, 0, 1, 1];

const good: readonly [string, Script][] = [
  ["the plain batch", {}],
  ["without transactions", { blocks: [{ anchor: 0, at: 1 }] }],
  ["a raised generation", { ...ofBlock({ generation: 3 }), batch: () => ({ header: { generation: 3 } }) }],
  ["a generation that lags the header's", { batch: () => ({ header: { generation: 7 } }) }],
  ["the largest step", { blocks: [{ anchor: plain.maxAnchorStep, at: 384 }] }],
  [
    "time at the end of the drift with a transaction",
    ofBlock({ time: l1[1]!.time + 600n, transactions: [rawTransaction()] }),
  ],
  ["past the drift without a transaction", ofBlock({ time: l1[1]!.time + 601n })],
  [
    "the last block leaves the epoch",
    {
      blocks: [
        { anchor: 32, at: 384 },
        { anchor: 60, at: 720 },
      ],
    },
  ],
  [
    "one L1 block with more deposit gas than the limit",
    { ...ofBlock({}), deposits: [scriptedDeposit(0, 1, 8_000_000n), scriptedDeposit(1, 1, 8_000_000n)] },
  ],
  ["gas at EIP-7825's cap", ofTransaction({ gas: 16_777_216n })],
  ["an authorization with a worthless signature", ofTransaction({ authorizations: [authorization], gas: 60_000n })],
  ["in blobs", { batch: inBlobs((blobs) => blobs) }],
];

const rules: readonly [reason: string, name: string, Script][] = [
  [
    "no-data",
    "dataMode 3",
    {
      batch: () => ({
        header: { dataMode: DataMode.none, payloadHash: zeroHash, payloadSize: 0 },
        data: { kind: "none" },
      }),
    },
  ],
  [
    "withheld",
    "demanded in vain",
    { batch: () => ({ header: { dataMode: DataMode.offChain, payloadHash: zeroHash }, data: { kind: "withheld" } }) },
  ],
  [
    "payload-size",
    "another length than the header's",
    { batch: ({ length }) => ({ header: { payloadSize: length + 1 } }) },
  ],
  ["payload-size", "nothing", { payload: () => new Uint8Array() }],
  ["payload-size", "a blob too many", { batch: inBlobs((blobs) => [...blobs, new Uint8Array(blobLength)]) }],
  ["payload-size", "no blob", { batch: inBlobs(() => []) }],
  ["payload-size", "blobs for nothing", { batch: inBlobs((blobs) => blobs, 0) }],
  ["blob-packing", "a high byte", { batch: inBlobs((blobs) => blobs.map(setByte(64, 1))) }],
  ["blob-packing", "a byte behind the payload", { batch: inBlobs((blobs) => blobs.map(setByte(blobLength - 1, 1))) }],
  ["payload-version", "version 0", { payload: setByte(0, 0) }],
  ["payload-version", "version 2", { payload: setByte(0, 2) }],
  ["deflate", "a cut stream", { payload: (payload) => payload.slice(0, -1) }],
  ["deflate", "a byte behind the stream", { payload: (payload) => Uint8Array.from([...payload, 0]) }],
  ["deflate", "no stream", { payload: (payload) => payload.slice(0, 1) }],
  ["batch-too-large", "a zip bomb", { content: () => new Uint8Array(50_000_000) }],
  [
    "batch-too-large",
    "one byte more than maxBatchBytes",
    { content: (content) => new Uint8Array(Math.max(plain.maxBatchBytes + 1, content.length)) },
  ],
  [
    "block-too-large",
    "data above maxBlockBytes",
    ofTransaction({ data: `0x${"00".repeat(262_144)}`, gas: 16_000_000n }),
  ],
  ["time", "a step of nothing", ofTimeColumn(0)],
  ["time", "before its anchor", ofBlock({ time: l1[1]!.time - 1n })],
  [
    "time",
    "beyond 64 bits",
    { content: (content) => splice(content, 1, 1, [...Array.from({ length: 9 }, () => 0xff), 1]) },
  ],
  ["generation", "above the header's", ofBlock({ generation: 1 })],
  ["anchor", "a step above maxAnchorStep", { blocks: [{ anchor: plain.maxAnchorStep + 1, at: 396 }] }],
  ["anchor", "past the header's anchor", { batch: () => ({ anchor: 1 }) }],
  [
    "deposit-gas",
    "two L1 blocks whose deposits pass the limit together",
    {
      blocks: [{ anchor: 2, at: 24 }],
      deposits: [scriptedDeposit(0, 1, 8_000_000n), scriptedDeposit(1, 2, 8_000_000n)],
    },
  ],
  ["drift", "a transaction past maxDrift", ofBlock({ time: l1[1]!.time + 601n, transactions: [rawTransaction()] })],
  [
    "epoch",
    "a block after the one that left it",
    {
      blocks: [
        { anchor: 32, at: 384 },
        { anchor: 60, at: 720 },
        { anchor: 60, at: 721 },
      ],
    },
  ],
  ["header-mismatch", "ends at another time", { batch: () => ({ lastTime: l1[2]!.time + 1n }) }],
  ["header-mismatch", "ends at another anchor", { batch: () => ({ anchor: 3 }) }],
  ["transaction", "r is zero", ofTransaction({ r: 0n })],
  ["transaction", "s is zero", ofTransaction({ s: 0n })],
  ["transaction", "s in the upper half", ofTransaction({ s: curveOrder - 1n })],
  ["transaction", "r at the curve's order", ofTransaction({ r: curveOrder })],
  ["transaction", "r on no point", ofTransaction({ r: 5n })],
  ["transaction", "gas below intrinsic", ofTransaction({ gas: 20_999n })],
  ["transaction", "gas below the floor for its data", ofTransaction({ data: `0x${"11".repeat(100)}`, gas: 24_999n })],
  ["transaction", "gas above EIP-7825's cap", ofTransaction({ gas: 16_777_217n })],
  ["transaction", "priority fee above the cap", ofTransaction({ tip: 10n ** 9n + 1n })],
  ["transaction", "initcode too long", ofTransaction({ to: "0x", data: `0x${"00".repeat(49_153)}`, gas: 10n ** 7n })],
  ["transaction", "the last nonce", ofTransaction({ nonce: 2n ** 64n - 1n })],
  ["transaction", "an empty authorization list", ofTransaction({ authorizations: [], gas: 60_000n })],
];

function ofTimeColumn(value: number): Script {
  return { content: setByte(1, value) };
}

/** `content` with `count` bytes at `position` replaced. */
export function splice(content: Uint8Array, position: number, count: number, bytes: readonly number[]): Uint8Array {
  return Uint8Array.from([...content.subarray(0, position), ...bytes, ...content.subarray(position + count)]);
}

/** Good batches, and at least one bad one for each reason. */
export const deriveCases: readonly DeriveCase[] = [
  ...good.map(([name, script]) => ({ name, reason: undefined, request: build(script) })),
  ...rules.map(([reason, name, script]) => ({ name, reason, request: build(script) })),
  ...contentCases.map(({ name, content }) => ({
    name,
    reason: "encoding",
    request: build({ blocks: [{ anchor: 0, at: 1 }], content: () => content }),
  })),
];
