// Decoders are total, bounded and canonical: what they accept encodes back to the same bytes, the rest is a DecodeError.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesToHex, hexToBytes, type Hex } from "viem";
import {
  DecodeError,
  decodeBlockAttestation,
  decodeCertificate,
  decodeChainConfig,
  decodeDataHeader,
  decodeDepositTransaction,
  decodeExtraData,
  decodeRlp,
  decodeStateClaim,
  encodeBlockAttestation,
  encodeCertificate,
  encodeChainConfig,
  encodeDataHeader,
  encodeDepositTransaction,
  encodeExtraData,
  encodeRlp,
  encodeStateClaim,
  profiles,
  zeroHash,
  type ChainConfig,
  type RlpInput,
} from "./index.ts";

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
const uint = (bits: number) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n);
const number = (bits: number) => uint(bits).map(Number);

interface Codec {
  readonly name: string;
  /** Canonical bytes of some value. */
  readonly valid: fc.Arbitrary<Uint8Array>;
  /** Decodes and encodes again. */
  readonly again: (bytes: Uint8Array) => Uint8Array;
}

const rlpValue: fc.Arbitrary<RlpInput> = fc.letrec<{ item: RlpInput }>((tie) => ({
  item: fc.oneof({ depthSize: "small" }, fc.uint8Array({ maxLength: 70 }), fc.array(tie("item"), { maxLength: 5 })),
})).item;

const config: fc.Arbitrary<ChainConfig> = fc
  .record({
    l1ChainId: uint(64),
    l2ChainId: uint(64),
    genesisAnchorNumber: uint(64),
    genesisAnchorHash: hex(32),
    genesisAnchorTime: uint(64),
    initialRate: uint(256),
    blobSchedule: uint(63).map((start) => [
      { l1Timestamp: start, baseFeeUpdateFraction: 1n },
      { l1Timestamp: start + 1n, baseFeeUpdateFraction: 2n },
    ]),
    forks: fc
      .array(fc.string({ maxLength: 8, unit: "grapheme-ascii" }), { maxLength: 4 })
      .map((names) => names.map((name, i) => ({ name, l2Timestamp: BigInt(i) }))),
  })
  .map((changes): ChainConfig => Object.assign({}, profiles.devnet.chain, changes));

const codecs: readonly Codec[] = [
  { name: "RLP", valid: rlpValue.map((value) => encodeRlp(value)), again: (bytes) => encodeRlp(decodeRlp(bytes)) },
  {
    name: "chain config",
    valid: config.map((value) => encodeChainConfig(value)),
    again: (bytes) => encodeChainConfig(decodeChainConfig(bytes)),
  },
  {
    name: "deposit transaction",
    valid: fc
      .record({
        sourceHash: hex(32),
        from: hex(20),
        to: fc.option(hex(20)),
        mint: uint(256),
        value: uint(256),
        gas: uint(64),
        data: fc.uint8Array({ maxLength: 90 }).map((bytes) => bytesToHex(bytes)),
      })
      .map((value) => encodeDepositTransaction(value)),
    again: (bytes) => encodeDepositTransaction(decodeDepositTransaction(bytes)),
  },
  {
    name: "extraData",
    valid: fc
      .record({ flags: number(2), generation: number(32), proposer: hex(20) })
      .map((value) => hexToBytes(encodeExtraData(value))),
    again: (bytes) => hexToBytes(encodeExtraData(decodeExtraData(bytesToHex(bytes)))),
  },
  {
    name: "DataHeader",
    valid: fc
      .record({
        version: number(8),
        batchIndex: uint(64),
        parentHash: hex(32),
        generation: number(32),
        epoch: uint(64),
        lastTimestamp: uint(64),
        depositCount: uint(64),
        depositQueueHash: hex(32),
        anchorNumber: uint(64),
        anchorHash: hex(32),
        dataMode: number(8),
        payloadHash: hex(32),
        payloadSize: number(32),
        dataCommitment: hex(32),
        extraHash: hex(32),
      })
      .map((value) => hexToBytes(encodeDataHeader(value))),
    again: (bytes) => hexToBytes(encodeDataHeader(decodeDataHeader(bytes))),
  },
  {
    name: "StateClaim",
    valid: fc
      .record({
        batchHash: hex(32),
        prevOutputRoot: hex(32),
        inputsRoot: hex(32),
        outputsRoot: hex(32),
        firstBlock: uint(64),
        lastBlock: uint(64),
        lastBlockHash: hex(32),
        outputRoot: hex(32),
        extraHash: hex(32),
      })
      .map((value) => hexToBytes(encodeStateClaim(value))),
    again: (bytes) => hexToBytes(encodeStateClaim(decodeStateClaim(bytes))),
  },
  {
    name: "BlockAttestation",
    valid: fc
      .record({
        generation: number(32),
        epoch: uint(64),
        number: uint(64),
        blockHash: hex(32),
        outputRoot: hex(32),
        anchorNumber: uint(64),
        anchorHash: hex(32),
      })
      .map((value) => hexToBytes(encodeBlockAttestation(value))),
    again: (bytes) => hexToBytes(encodeBlockAttestation(decodeBlockAttestation(bytes))),
  },
  {
    name: "Certificate",
    valid: fc
      .record({
        bitmap: uint(256),
        signatures: fc.uint8Array({ maxLength: 200 }).map((bytes) => bytesToHex(bytes)),
        members: fc.array(fc.record({ signer: hex(20), weight: uint(96) }), { maxLength: 5 }),
      })
      .map((value) => hexToBytes(encodeCertificate(value))),
    again: (bytes) => hexToBytes(encodeCertificate(decodeCertificate(bytes))),
  },
];

/** Either the same bytes come back or the bytes are refused. */
function isCanonical(again: Codec["again"], bytes: Uint8Array): void {
  let result: Uint8Array;
  try {
    result = again(bytes);
  } catch (error) {
    assert.ok(error instanceof DecodeError, `threw ${String(error)}`);
    return;
  }
  assert.deepEqual(result, bytes);
}

for (const { name, valid, again } of codecs) {
  test(`${name}: what was encoded decodes to itself`, () => {
    fc.assert(
      fc.property(valid, (bytes) => {
        assert.deepEqual(again(bytes), bytes);
      }),
      { numRuns: 50 },
    );
  });

  test(`${name}: any bytes are refused or canonical`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => isCanonical(again, bytes)),
      { numRuns: 100 },
    );
  });

  test(`${name}: cut, lengthened and changed encodings are refused or canonical`, () => {
    const change = fc.record({ bytes: valid, at: fc.nat(), value: fc.nat(255), cut: fc.nat(), more: fc.nat(40) });
    fc.assert(
      fc.property(change, ({ bytes, at, value, cut, more }) => {
        if (bytes.length > 0) {
          isCanonical(again, bytes.with(at % bytes.length, value));
          isCanonical(again, bytes.slice(0, cut % bytes.length));
        }
        isCanonical(again, Uint8Array.from([...bytes, ...new Uint8Array(more)]));
      }),
      { numRuns: 100 },
    );
  });
}

const refused: readonly [string, Hex][] = [
  ["nothing", "0x"],
  ["a byte left over", "0x0000"],
  ["a single byte with a head", "0x8101"],
  ["a long form for a short string", "0xb800"],
  ["a length with a leading zero", `0xb90038${"00".repeat(56)}`],
  ["a length beyond the input", "0xbfffffffffffffffff"],
  ["a list beyond the input", "0xc201"],
  ["an item beyond its list", "0xc182ffff"],
];
for (const [name, bytes] of refused)
  test(`RLP: ${name} is refused`, () => {
    assert.throws(() => decodeRlp(hexToBytes(bytes)), DecodeError);
  });

test("RLP: nesting is bounded, so that no input exhausts the stack", () => {
  const nested = (depth: number): RlpInput => (depth === 0 ? "0x" : [nested(depth - 1)]);
  decodeRlp(encodeRlp(nested(16)));
  assert.throws(() => decodeRlp(encodeRlp(nested(17))), DecodeError);
  assert.throws(() => decodeRlp(new Uint8Array(100_000).fill(0xc1)), DecodeError);
});

test("a certificate longer than any set allows is refused unread", () => {
  const members = Array.from({ length: 600 }, () => ({ signer: zeroHash.slice(0, 42) as Hex, weight: 1n }));
  const bytes = encodeCertificate({ bitmap: 0n, signatures: "0x", members });
  assert.throws(() => decodeCertificate(bytes), { code: "decode-failed" });
});
