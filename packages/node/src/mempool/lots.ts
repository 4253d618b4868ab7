import { DecodeError, RlpFields, decodeRlp, encodeRlp } from "@metis/protocol";
import type { Hex } from "viem";

/** Bytes of transactions in one message; a single one may be longer. */
const maxLotBytes = 256 * 1024;

const sizeOf = (raw: Hex): number => (raw.length - 2) / 2;

/** Transactions that one member tells another of (docs/spec/pool.md, "Mesh", channel 4). */
export const encodeLot = (raws: readonly Hex[]): Uint8Array => encodeRlp([1, [...raws]]);

/** Throws `DecodeError` for anything that `encodeLot` does not write. What the transactions are worth is the pool's question. */
export function decodeLot(bytes: Uint8Array): readonly Hex[] {
  const fields = new RlpFields("lot of transactions", decodeRlp(bytes));
  if (fields.number(1) !== 1) throw new DecodeError("lot of transactions", "unknown kind 0");
  const list = new RlpFields("lot of transactions", fields.list());
  fields.end();
  const raws: Hex[] = [];
  while (list.left > 0) raws.push(list.hex());
  return raws;
}

/** Cuts transactions into lots of a message each, in order. */
export function* lotsOf(raws: Iterable<Hex>): Generator<readonly Hex[]> {
  let lot: Hex[] = [];
  let bytes = 0;
  for (const raw of raws) {
    if (lot.length > 0 && bytes + sizeOf(raw) > maxLotBytes) {
      yield lot;
      [lot, bytes] = [[], 0];
    }
    lot.push(raw);
    bytes += sizeOf(raw);
  }
  if (lot.length > 0) yield lot;
}

/** The first transactions whose bytes together are at most `limit`. */
export function* upTo(limit: number, raws: Iterable<Hex>): Generator<Hex> {
  let bytes = 0;
  for (const raw of raws) {
    bytes += sizeOf(raw);
    if (bytes > limit) return;
    yield raw;
  }
}
