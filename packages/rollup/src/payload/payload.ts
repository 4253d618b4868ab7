import { deflateRawSync, inflateRawSync } from "node:zlib";
import {
  maxAttendance,
  zeroAddress,
  type BlockInputs,
  type Generation,
  type Hash,
  type L1BlockNumber,
  type Timestamp,
} from "@metis/protocol";
import type { Address } from "viem";
import { hexToBytes, size as byteLength } from "viem/utils";
import { RollupError } from "../errors.ts";
import { concat, lengthAndBytes, uint, varint } from "./columns.ts";
import { dictionary } from "./dictionary.ts";
import { transactionColumns, transactionSize } from "./transactions.ts";

const version = 1;
const maxRate = 1n << 128n;
/** What `size(block)` counts beside the transactions (docs/spec/payload.md, "Sizes"). */
export const blockOverhead = 200;
/** What a content may have beside its blocks' sizes. */
export const contentOverhead = 20;

/** The block before a batch, as far as the columns' differences need it. */
export interface PayloadParent {
  readonly time: Timestamp;
  readonly anchorNumber: L1BlockNumber;
  readonly generation: Generation;
}

/** A block with the output root that its proposer claims. */
export interface PayloadBlock {
  readonly inputs: BlockInputs;
  readonly outputRoot: Hash;
}

/** Sizes that were found: a block is measured by the rules of voting, by the cutter, and again when it is decided. */
const sizes = new WeakMap<BlockInputs["transactions"], { readonly chainId: bigint; readonly size: number }>();

/** `size(block)`: what counts against maxBlockBytes. Throws for transactions that no payload can carry. */
export function blockSize(transactions: BlockInputs["transactions"], chainId: bigint): number {
  const known = sizes.get(transactions);
  if (known?.chainId === chainId) return known.size;
  const size = transactions.reduce((sum, raw) => sum + transactionSize(raw, chainId), blockOverhead);
  sizes.set(transactions, { chainId, size });
  return size;
}

interface Step {
  readonly time: bigint;
  readonly anchor: bigint;
  readonly generation: number;
}

function steps(parent: PayloadParent, blocks: readonly PayloadBlock[]): readonly Step[] {
  let before: PayloadParent = parent;
  return blocks.map(({ inputs }) => {
    const step = {
      time: inputs.time - before.time,
      anchor: inputs.anchorNumber - before.anchorNumber,
      generation: inputs.generation - before.generation,
    };
    before = inputs;
    check(inputs, step);
    return step;
  });
}

/** A payload says nothing that a decoder would refuse: what has no form is a bug of the caller. */
function check({ rate, attendance, proposer, number }: BlockInputs, { time, anchor, generation }: Step): void {
  const wrong = (why: string): never => {
    throw new RollupError("not-encodable", "reject", `block ${number}: ${why}`, { number });
  };
  if (time < 1n) wrong("time does not grow");
  if (anchor < 0n || generation < 0) wrong("its anchor or generation falls");
  if (anchor === 0n && (rate !== 0n || attendance !== "0x")) wrong("rate or attendance without an anchor move");
  if (rate >= maxRate) wrong("the rate has more than 128 bits");
  if (byteLength(attendance) > maxAttendance) wrong("the attendance is too long");
  if (BigInt(proposer) === 0n || proposer === zeroAddress) wrong("it has no proposer");
}

/** Different proposers in the order of their first block, and each block's position among them. */
function proposerColumns(blocks: readonly PayloadBlock[]): readonly Uint8Array[] {
  const positions = new Map<string, number>();
  const column = blocks.map(({ inputs }) => {
    const proposer = inputs.proposer.toLowerCase();
    if (!positions.has(proposer)) positions.set(proposer, positions.size);
    return varint(positions.get(proposer)!);
  });
  const list = [...positions.keys()].map((proposer) => hexToBytes(proposer as Address));
  return [varint(list.length), ...list, ...column];
}

/** The content of a batch before compression. Throws `RollupError` "not-encodable" for blocks that have no form. */
export function encodeContent(chainId: bigint, parent: PayloadParent, blocks: readonly PayloadBlock[]): Uint8Array {
  if (blocks.length === 0) throw new RollupError("not-encodable", "reject", "a batch has at least one block");
  const moves = steps(parent, blocks);
  const anchored = blocks.filter((_, i) => moves[i]!.anchor !== 0n);
  return concat([
    varint(blocks.length),
    ...moves.map((step) => varint(step.time)),
    ...moves.map((step) => varint(step.anchor)),
    ...moves.map((step) => varint(step.generation)),
    ...proposerColumns(blocks),
    ...anchored.map(({ inputs }) => uint(inputs.rate)),
    ...anchored.map(({ inputs }) => lengthAndBytes(inputs.attendance)),
    ...blocks.map(({ inputs }) => varint(inputs.transactions.length)),
    ...blocks.map(({ outputRoot }) => hexToBytes(outputRoot)),
    ...transactionColumns(
      blocks.flatMap(({ inputs }) => inputs.transactions),
      chainId,
    ),
  ]);
}

/** The payload of a content: version byte and raw deflate with the preset dictionary. */
export const compressContent = (content: Uint8Array): Uint8Array =>
  concat([Uint8Array.of(version), deflateRawSync(content, { dictionary, level: 9, memLevel: 9 })]);

/**
 * The payload of a batch (docs/spec/payload.md). The same blocks always give the same content; another zlib may
 * compress it to other bytes, so members compare contents, see `payloadContent`.
 * Throws `RollupError` "not-encodable".
 */
export const encodePayload = (chainId: bigint, parent: PayloadParent, blocks: readonly PayloadBlock[]): Uint8Array =>
  compressContent(encodeContent(chainId, parent, blocks));

/**
 * Inflates a payload to its content without looking into it; meaning is derivation's alone.
 * Throws `RollupError` "malformed" for another version, a broken stream, or more than `maxBytes`.
 */
export function payloadContent(payload: Uint8Array, maxBytes: number): Uint8Array {
  if (payload[0] !== version) throw new RollupError("malformed", "reject", "the payload has another version");
  try {
    return inflateRawSync(payload.subarray(1), { dictionary, maxOutputLength: maxBytes });
  } catch (cause) {
    throw new RollupError("malformed", "reject", "the payload does not inflate within its limit", {}, { cause });
  }
}
