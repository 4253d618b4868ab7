import type { Address, Hex } from "viem";
import { bytesToBigInt } from "viem/utils";
import { DecodeError } from "./decodeError.ts";
import { fromHex, toHex } from "./hex.ts";

/** A decoded RLP item: a byte string or a list (Yellow Paper, appendix B). */
export type RlpItem = Uint8Array | readonly RlpItem[];
/** What `encodeRlp` takes: integers become minimal big-endian byte strings, hex becomes its bytes. */
export type RlpInput = Uint8Array | Hex | bigint | number | boolean | readonly RlpInput[];

const maxDepth = 16;

/** RLP of `input`. Throws `RangeError` for negative integers. */
export function encodeRlp(input: RlpInput): Uint8Array {
  const lists: number[] = [];
  const out = new Uint8Array(measure(input, lists));
  new Output(out, lists).item(input);
  return out;
}

/** Bytes of an item of `length` bytes with its head. */
const withHead = (length: number): number => (length <= 55 ? 1 : 1 + bytesOf(length)) + length;

const bytesOf = (value: number): number => {
  let bytes = 1;
  for (let rest = value; rest > 0xff; rest = Math.floor(rest / 256)) bytes++;
  return bytes;
};

const hexOf = (value: bigint | number | boolean): string => {
  const integer = BigInt(value);
  if (integer < 0n) throw new RangeError("RLP knows no negative integers");
  return integer === 0n ? "" : integer.toString(16);
};

/** Bytes that `input` takes; the lengths of the lists in it go to `lists`, each before those it holds. */
function measure(input: RlpInput, lists: number[]): number {
  if (input instanceof Uint8Array) return input.length === 1 && input[0]! < 0x80 ? 1 : withHead(input.length);
  if (typeof input !== "object") {
    const digits = typeof input === "string" ? input.slice(2) : hexOf(input);
    if (digits.length <= 2 && Number.parseInt(digits, 16) < 0x80) return 1;
    return withHead(Math.ceil(digits.length / 2));
  }
  const place = lists.push(0) - 1;
  const length = input.reduce<number>((sum, item) => sum + measure(item, lists), 0);
  lists[place] = length;
  return withHead(length);
}

/** Writes items into a buffer that `measure` found to be long enough: one allocation, however deep they nest. */
class Output {
  readonly #out: Uint8Array;
  readonly #lists: readonly number[];
  #at = 0;
  #list = 0;

  constructor(out: Uint8Array, lists: readonly number[]) {
    this.#out = out;
    this.#lists = lists;
  }

  item(input: RlpInput): void {
    if (input instanceof Uint8Array) this.#bytes(input);
    else if (typeof input === "string") this.#bytes(fromHex(input));
    else if (typeof input === "object") {
      this.#head(0xc0, this.#lists[this.#list++]!);
      for (const item of input) this.item(item);
    } else this.#bytes(fromHex(`0x${hexOf(input)}`));
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length !== 1 || bytes[0]! >= 0x80) this.#head(0x80, bytes.length);
    this.#out.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #head(base: number, length: number): void {
    if (length <= 55) {
      this.#out[this.#at++] = base + length;
      return;
    }
    const size = bytesOf(length);
    this.#out[this.#at++] = base + 55 + size;
    for (let i = size - 1; i >= 0; i--) this.#out[this.#at++] = Math.floor(length / 256 ** i) % 256;
  }
}

interface Head {
  readonly isList: boolean;
  readonly start: number;
  readonly end: number;
}

function readHead(bytes: Uint8Array, at: number, limit: number): Head {
  const first = bytes[at];
  if (first === undefined || at >= limit) throw new DecodeError("rlp", "ends early");
  if (first < 0x80) return { isList: false, start: at, end: at + 1 };
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  let start = at + 1;
  let length = short;
  if (short > 55) {
    const size = short - 55;
    if (size > 4) throw new DecodeError("rlp", "length above 2^32");
    if (start + size > limit) throw new DecodeError("rlp", "ends early");
    length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + bytes[start + i]!;
    if (bytes[start] === 0 || length <= 55) throw new DecodeError("rlp", "length not minimal");
    start += size;
  }
  const end = start + length;
  if (end > limit) throw new DecodeError("rlp", "ends early");
  if (!isList && length === 1 && bytes[start]! < 0x80) throw new DecodeError("rlp", "single byte not minimal");
  return { isList, start, end };
}

function readItem(bytes: Uint8Array, head: Head, depth: number): RlpItem {
  if (!head.isList) return bytes.subarray(head.start, head.end);
  if (depth >= maxDepth) throw new DecodeError("rlp", `nested deeper than ${maxDepth}`);
  const items: RlpItem[] = [];
  for (let at = head.start; at < head.end;) {
    const inner = readHead(bytes, at, head.end);
    items.push(readItem(bytes, inner, depth + 1));
    at = inner.end;
  }
  return items;
}

/**
 * Decodes exactly one canonical RLP item that fills `bytes`. Byte strings are views on the input.
 * Throws `DecodeError` on anything else; nesting is bounded by 16 lists.
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const head = readHead(bytes, 0, bytes.length);
  if (head.end !== bytes.length) throw new DecodeError("rlp", "bytes left over");
  return readItem(bytes, head, 0);
}

/** Of at most six bytes: a number holds it. */
function smallInteger(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** Reads the fields of an RLP list one after the other and refuses wrong shapes. */
export class RlpFields {
  readonly #what: string;
  readonly #items: readonly RlpItem[];
  #next = 0;

  constructor(what: string, item: RlpItem) {
    if (item instanceof Uint8Array) throw new DecodeError(what, "a list was expected");
    this.#what = what;
    this.#items = item;
  }

  get #item(): RlpItem {
    const item = this.#items[this.#next++];
    if (item === undefined) throw new DecodeError(this.#what, `field ${this.#next} is missing`);
    return item;
  }

  #fail(why: string): never {
    throw new DecodeError(this.#what, `field ${this.#next} ${why}`);
  }

  /** Items not read yet. */
  get left(): number {
    return this.#items.length - this.#next;
  }

  bytes(maxLength = Number.MAX_SAFE_INTEGER): Uint8Array {
    const item = this.#item;
    if (!(item instanceof Uint8Array)) return this.#fail("is a list");
    if (item.length > maxLength) return this.#fail(`is longer than ${maxLength} bytes`);
    return item;
  }

  hex(maxLength?: number): Hex {
    return toHex(this.bytes(maxLength));
  }

  /** Exactly `length` bytes. */
  fixed(length: number): Hex {
    const bytes = this.bytes(length);
    return bytes.length === length ? toHex(bytes) : this.#fail(`is not ${length} bytes long`);
  }

  address(): Address {
    return this.fixed(20);
  }

  /** The bytes of a minimal big-endian integer below 2^bits: none for zero. */
  integer(bits = 256): Uint8Array {
    const bytes = this.bytes(Math.ceil(bits / 8));
    return bytes[0] === 0 ? this.#fail("has leading zeros") : bytes;
  }

  /** Minimal big-endian integer below 2^bits. */
  uint(bits = 256): bigint {
    const bytes = this.integer(bits);
    return bytes.length <= 6 ? BigInt(smallInteger(bytes)) : bytesToBigInt(bytes);
  }

  /** Minimal big-endian integer up to `max`, which is a safe integer. */
  number(max = 0xffff_ffff): number {
    const bytes = this.integer(53);
    const value = bytes.length <= 6 ? smallInteger(bytes) : Number(bytesToBigInt(bytes));
    return value <= max ? value : this.#fail(`is above ${max}`);
  }

  boolean(): boolean {
    return this.number(1) === 1;
  }

  /** The items of an inner list. */
  list(): readonly RlpItem[] {
    const item = this.#item;
    return item instanceof Uint8Array ? this.#fail("is not a list") : item;
  }

  /** Refuses fields beyond those read. */
  end(): void {
    if (this.left > 0) throw new DecodeError(this.#what, `${this.left} fields too many`);
  }
}
