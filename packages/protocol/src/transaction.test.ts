import assert from "node:assert/strict";
import { test } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import {
  bytesToHex,
  hexToBytes,
  keccak256,
  parseTransaction,
  serializeTransaction,
  type Hex,
  type TransactionSerializable,
} from "viem";
import { privateKeyToAccount, publicKeyToAddress } from "viem/accounts";
import { DecodeError } from "./decodeError.ts";
import { depositTransaction, encodeDepositTransaction } from "./deposit.ts";
import { decodeTransaction, effectiveGasPrice, feeCap, tipCap, type SignedTransaction } from "./transaction.ts";

const account = privateKeyToAccount(`0x${"42".repeat(32)}`);
const other = `0x${"ab".repeat(20)}` as const;
const accessList = [{ address: other, storageKeys: [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`] }] as const;
const common = { chainId: 901_088, nonce: 7, gas: 100_000n, to: other, value: 5n, data: "0x1234" } as const;
const caps = { maxFeePerGas: 30n, maxPriorityFeePerGas: 2n } as const;
const authorization = {
  chainId: 1,
  address: other,
  nonce: 3,
  yParity: 1,
  r: `0x${"11".repeat(32)}`,
  s: `0x${"22".repeat(32)}`,
} as const;

const samples: Readonly<Record<string, TransactionSerializable>> = {
  legacy: { ...common, type: "legacy", gasPrice: 9n },
  "legacy that creates": { chainId: 1, type: "legacy", nonce: 0, gas: 1n, gasPrice: 0n, data: "0x00" },
  "access list": { ...common, type: "eip2930", gasPrice: 9n, accessList },
  "fee market": { ...common, ...caps, type: "eip1559" },
  "fee market with access list": { ...common, ...caps, type: "eip1559", accessList },
  "set code": { ...common, ...caps, type: "eip7702", authorizationList: [authorization] },
};

function senderOf({ signingHash, r, s, yParity }: SignedTransaction): Hex {
  const signature = new secp256k1.Signature(r, s, yParity);
  return publicKeyToAddress(bytesToHex(signature.recoverPublicKey(signingHash).toBytes(false)));
}

for (const [name, sample] of Object.entries(samples))
  test(`${name}: read as viem reads it, and the signing hash gives back the sender`, async () => {
    const raw = await account.signTransaction(sample);
    const decoded = decodeTransaction(hexToBytes(raw)) as SignedTransaction;
    const expected = parseTransaction(raw);
    assert.equal(decoded.hash, keccak256(raw));
    assert.equal(senderOf(decoded), account.address);
    assert.equal(decoded.chainId, BigInt(expected.chainId ?? 0));
    assert.equal(decoded.nonce, BigInt(expected.nonce ?? 0));
    assert.equal(decoded.gasLimit, expected.gas ?? 0n);
    assert.equal(decoded.to, expected.to?.toLowerCase() ?? null);
    assert.equal(decoded.value, expected.value ?? 0n);
    assert.equal(decoded.data, expected.data ?? "0x");
    assert.equal(feeCap(decoded), expected.maxFeePerGas ?? expected.gasPrice ?? 0n);
    assert.equal(tipCap(decoded), expected.maxPriorityFeePerGas ?? expected.gasPrice ?? 0n);
    assert.deepEqual("accessList" in decoded ? decoded.accessList : [], expected.accessList ?? []);
  });

test("a blob transaction is read with its hashes and cap", () => {
  const hash = `0x01${"aa".repeat(31)}` as const;
  const signature = { yParity: 1, r: `0x${"11".repeat(32)}`, s: `0x${"22".repeat(32)}` } as const;
  const raw = serializeTransaction(
    { ...common, ...caps, type: "eip4844", maxFeePerBlobGas: 4n, blobVersionedHashes: [hash], sidecars: false },
    signature,
  );
  const decoded = decodeTransaction(hexToBytes(raw));
  assert.ok(decoded.type === 3);
  assert.deepEqual([decoded.maxFeePerBlobGas, decoded.blobVersionedHashes], [4n, [hash]]);
});

test("an unprotected legacy transaction has no chain id", async () => {
  const raw = await account.signTransaction({ type: "legacy", nonce: 1, gas: 21_000n, gasPrice: 1n, to: other });
  const decoded = decodeTransaction(hexToBytes(raw)) as SignedTransaction;
  assert.equal(decoded.chainId, undefined);
  assert.equal(senderOf(decoded), account.address);
});

test("a deposit is read with the eight fields of OP", () => {
  const deposit = depositTransaction({
    index: 3n,
    l1BlockNumber: 9n,
    from: other,
    to: other,
    mint: 1n,
    value: 2n,
    gasLimit: 50_000n,
    isCreation: true,
    data: "0xaa",
  });
  const bytes = encodeDepositTransaction(deposit);
  assert.deepEqual(decodeTransaction(bytes), { ...deposit, type: 0x7e, hash: keccak256(bytes), gasLimit: 50_000n });
});

test("the price paid is the base fee and the tip, never above the cap", async () => {
  const decoded = decodeTransaction(
    hexToBytes(await account.signTransaction({ ...common, ...caps, type: "eip1559" })),
  ) as SignedTransaction;
  assert.deepEqual(
    [10n, 28n, 29n, 40n].map((baseFee) => effectiveGasPrice(decoded, baseFee)),
    [12n, 30n, 30n, 30n],
  );
});

test("no bytes make the decoder throw anything but DecodeError, and what it takes is canonical", async () => {
  const raws = await Promise.all(Object.values(samples).map((sample) => account.signTransaction(sample)));
  const mutated = fc.tuple(fc.constantFrom(...raws), fc.nat(), fc.nat(255), fc.nat(3)).map(([raw, at, value, cut]) => {
    const bytes = hexToBytes(raw);
    bytes[at % bytes.length] = value;
    return bytes.subarray(0, bytes.length - cut);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      try {
        assert.equal(decodeTransaction(bytes).hash, keccak256(bytes));
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
