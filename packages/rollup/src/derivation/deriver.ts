import {
  RlpFields,
  decodeRlp,
  readBlockInputs,
  encodeChainConfig,
  encodeRlp,
  DecodeError,
  type BlockInputs,
  type ChainConfig,
  type DataHeader,
  type Deposit,
  type Generation,
  type Hash,
  type L2BlockNumber,
  type RlpInput,
  type RlpItem,
  type Timestamp,
} from "@metis/protocol";
import type { Hex } from "viem";
import { bytesToHex } from "viem/utils";

/** The L2 block before a batch. */
export interface DeriveParent {
  readonly number: L2BlockNumber;
  readonly time: Timestamp;
  readonly generation: Generation;
}

/** A batch's data as L1 or a storage node has it. */
export type BatchData =
  | { readonly kind: "none" }
  | { readonly kind: "payload"; readonly payload: Hex | Uint8Array }
  | { readonly kind: "blobs"; readonly blobs: readonly Uint8Array[] }
  | { readonly kind: "withheld" };

/** Everything the meaning of a batch depends on (docs/spec/derivation.md, "Interface"). */
export interface DeriveRequest {
  readonly config: ChainConfig;
  readonly parent: DeriveParent;
  readonly parentHeader: DataHeader;
  readonly header: DataHeader;
  readonly data: BatchData;
  /** Deposits `parentHeader.depositCount..header.depositCount`. */
  readonly deposits: readonly Deposit[];
  /** RLP of the L1 headers from the parent header's anchor to the header's, both included. */
  readonly l1Headers: readonly Hex[];
}

/** What a batch derives to. */
export interface DeriveResult {
  /** Why the blocks are deposits-only; undefined when the payload is good. */
  readonly reason: string | undefined;
  readonly blocks: readonly BlockInputs[];
  /** One a block; empty when the payload is bad. */
  readonly claimedOutputRoots: readonly Hash[];
  readonly inputsRoot: Hash;
  /** Zero when the payload is bad. */
  readonly outputsRoot: Hash;
}

/** The kernel's export `derive`: RLP in, RLP out. Its refusals are thrown with the kernel's code. */
export type DeriveKernel = (request: Uint8Array) => Uint8Array | Promise<Uint8Array>;

const headerItem = (header: DataHeader): RlpInput => [
  header.version,
  header.batchIndex,
  header.parentHash,
  header.generation,
  header.epoch,
  header.lastTimestamp,
  header.depositCount,
  header.depositQueueHash,
  header.anchorNumber,
  header.anchorHash,
  header.dataMode,
  header.payloadHash,
  header.payloadSize,
  header.dataCommitment,
  header.extraHash,
];

const depositItem = (deposit: Deposit): RlpInput => [
  deposit.index,
  deposit.l1BlockNumber,
  deposit.from,
  deposit.to,
  deposit.mint,
  deposit.value,
  deposit.gasLimit,
  deposit.isCreation,
  deposit.data,
];

function dataItem(data: BatchData): RlpInput {
  if (data.kind === "none") return [0];
  if (data.kind === "payload") return [1, data.payload];
  return data.kind === "blobs" ? [2, ...data.blobs] : [3];
}

/** The request as the kernel reads it. */
export const encodeDeriveRequest = (request: DeriveRequest): Uint8Array =>
  encodeRlp([
    decodeRlp(encodeChainConfig(request.config)),
    [request.parent.number, request.parent.time, request.parent.generation],
    headerItem(request.parentHeader),
    headerItem(request.header),
    dataItem(request.data),
    request.deposits.map(depositItem),
    request.l1Headers,
  ]);

function bytesOf(item: RlpItem): Hex {
  if (item instanceof Uint8Array) return bytesToHex(item);
  throw new DecodeError("derive result", "a byte string was expected");
}

/** Reads the kernel's answer. Throws `DecodeError`. */
export function decodeDeriveResult(bytes: Uint8Array): DeriveResult {
  const fields = new RlpFields("derive result", decodeRlp(bytes));
  const reason = new TextDecoder().decode(fields.bytes(64));
  const result = {
    reason: reason === "" ? undefined : reason,
    blocks: fields.list().map(readBlockInputs),
    claimedOutputRoots: fields.list().map(bytesOf),
    inputsRoot: fields.fixed(32),
    outputsRoot: fields.fixed(32),
  };
  fields.end();
  return result;
}

/**
 * Derives one batch by the kernel. Throws what the kernel refuses ("inconsistent-inputs", "data-missing": the parts do
 * not belong together, no batch on L1 can cause it) and `DecodeError` when its answer is malformed.
 */
export async function deriveBatch(kernel: DeriveKernel, request: DeriveRequest): Promise<DeriveResult> {
  return decodeDeriveResult(await kernel(encodeDeriveRequest(request)));
}
