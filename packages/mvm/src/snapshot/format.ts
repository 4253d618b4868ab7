import { decodeRlp, encodeRlp, RlpFields, type Hash, type RlpInput } from "@metis/protocol";
import { MvmError } from "../errors.ts";
import { fromHex } from "../bytes.ts";
import { stateTables, type StateTable } from "../storage/state.ts";
import type { TableRow } from "../storage/table.ts";

/**
 * A snapshot file: gzip over the magic line and frames, each a length (4 bytes, big endian) and RLP whose first item says what it
 * is. The order is: one start, blocks, rows, one end.
 */
export type Frame =
  | {
      readonly kind: "start";
      readonly genesisHash: Hash;
      /** What kernels are configured with. */
      readonly configuration: Uint8Array;
      /** The block whose state this is. */
      readonly number: number;
      /** What a program above the MVM wants to have with it, opaque here. */
      readonly attachment: Uint8Array;
    }
  | {
      readonly kind: "block";
      readonly number: number;
      readonly outputRoot: Hash;
      readonly headerRlp: Uint8Array;
      /** Stored rows; absent: only the header is there, for BLOCKHASH. */
      readonly content: { readonly body: Uint8Array; readonly receipts: Uint8Array } | undefined;
    }
  | { readonly kind: "rows"; readonly table: StateTable; readonly rows: readonly TableRow[] }
  | { readonly kind: "end"; readonly frames: number };

/** First bytes of the unpacked file; the digit is the format's version. */
const magic = Buffer.from("metis snapshot 1\n");
const kinds = ["start", "block", "rows", "end"] as const;

/** Longest frame; the block whose body is one is far below. */
const maxFrameBytes = 64 * 1024 * 1024;
const lengthBytes = 4;

const invalid = (message: string, cause?: unknown): MvmError =>
  new MvmError("snapshot-invalid", message, undefined, {}, cause === undefined ? undefined : { cause });

function fieldsOf(frame: Frame): RlpInput[] {
  switch (frame.kind) {
    case "start":
      return [fromHex(frame.genesisHash), frame.configuration, frame.number, frame.attachment];
    case "block": {
      const { content } = frame;
      const rows = content === undefined ? [] : [content.body, content.receipts];
      return [frame.number, fromHex(frame.outputRoot), frame.headerRlp, rows];
    }
    case "rows":
      return [stateTables.indexOf(frame.table), frame.rows.map(({ key, value }) => [key, value])];
    case "end":
      return [frame.frames];
    default:
      return frame satisfies never;
  }
}

function encodeFrame(frame: Frame): Buffer {
  const body = encodeRlp([kinds.indexOf(frame.kind), ...fieldsOf(frame)]);
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function decodeFrame(bytes: Uint8Array): Frame {
  const fields = new RlpFields("snapshot frame", decodeRlp(bytes));
  const kind = kinds[fields.number()];
  const frame = kind && readFrame(kind, fields);
  if (frame === undefined) throw invalid("The snapshot holds something unknown: a later version may have written it.");
  fields.end();
  return frame;
}

function readFrame(kind: Frame["kind"], fields: RlpFields): Frame | undefined {
  switch (kind) {
    case "start":
      return {
        kind,
        genesisHash: fields.fixed(32),
        configuration: fields.bytes(),
        number: fields.number(),
        attachment: fields.bytes(),
      };
    case "block": {
      const block = { number: fields.number(), outputRoot: fields.fixed(32), headerRlp: fields.bytes() };
      const [body, receipts] = fields.list() as readonly Uint8Array[];
      return { kind, ...block, content: body && receipts && { body, receipts } };
    }
    case "rows": {
      const table = stateTables[fields.number()];
      const rows = fields.list().map((item) => {
        const row = new RlpFields("row", item);
        const pair = { key: row.bytes(), value: row.bytes() };
        row.end();
        return pair;
      });
      return table && { kind, table, rows };
    }
    case "end":
      return { kind, frames: fields.number() };
    default:
      return undefined;
  }
}

/** Bytes of a whole unpacked snapshot; appends the closing frame itself. */
export function* encodeSnapshot(frames: Iterable<Frame>): Generator<Buffer> {
  yield magic;
  let count = 0;
  for (const frame of frames) {
    count++;
    yield encodeFrame(frame);
  }
  yield encodeFrame({ kind: "end", frames: count });
}

/** Reads so many bytes at a time from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts = [this.#rest];
    let have = this.#rest.length;
    while (have < length) {
      const { value, done } = await this.#chunks.next();
      if (done === true) throw invalid("The snapshot ends early: the file is not whole.");
      parts.push(Buffer.from(value));
      have += value.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts, have);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }

  /** Reads on to the end, so that the packer's own checksum is looked at. */
  async expectEnd(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#chunks.next()).done !== true)
      throw invalid("The snapshot goes on after its end.");
  }
}

/**
 * Frames of an unpacked snapshot, all but the closing one, with at most one in memory.
 * Throws `MvmError` "snapshot-invalid" for anything but a whole file of this version.
 */
export async function* decodeSnapshot(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const reader = new ByteReader(chunks);
  try {
    const first = await reader.take(magic.length);
    if (!first.equals(magic)) throw invalid("The file is no snapshot that this version reads.");
    for (let count = 0; ; count++) {
      const length = (await reader.take(lengthBytes)).readUInt32BE();
      if (length > maxFrameBytes) throw invalid("The snapshot is damaged: a frame is longer than any can be.");
      const frame = decodeFrame(await reader.take(length));
      if (frame.kind === "end") {
        if (frame.frames !== count) throw invalid("The snapshot is damaged: frames are missing.");
        return await reader.expectEnd();
      }
      yield frame;
    }
  } catch (error) {
    if (error instanceof MvmError) throw error;
    throw invalid(`The snapshot is damaged: ${error instanceof Error ? error.message : String(error)}.`, error);
  }
}
