import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeTransaction, recoverSigner, signDigest, type SignedTransaction } from "@metis/protocol";
import fc from "fast-check";
import { bytesToHex, hexToBytes, keccak256 } from "viem";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { recoverDigestSigner, recoverSender, recoverSenderPortably, signDigestFast } from "./signatures.ts";

const publicKeyToAddress = (key: Uint8Array): string => `0x${keccak256(key).slice(-40)}`;

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

async function signed(key: bigint): Promise<{ transaction: SignedTransaction; sender: string }> {
  const account = privateKeyToAccount(`0x${key.toString(16).padStart(64, "0")}`);
  const raw = await account.signTransaction({ type: "eip1559", chainId: 1, to: account.address, gas: 21_000n });
  return {
    transaction: decodeTransaction(hexToBytes(raw)) as SignedTransaction,
    sender: account.address.toLowerCase(),
  };
}

test("both ways give the signer", async () => {
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: 1n, max: order - 1n }), async (key) => {
      const { transaction, sender } = await signed(key);
      assert.equal(recoverSender(transaction), sender);
      assert.equal(recoverSenderPortably(transaction), sender);
    }),
    { numRuns: 20 },
  );
});

test("who asks for the sender is told the key behind it, and what it signed", async () => {
  const { transaction, sender } = await signed(7n);
  const told: unknown[] = [];
  recoverSender(transaction, (message, signature, yParity, key) =>
    told.push([message, BigInt(`0x${Buffer.from(signature).toString("hex")}`), yParity, publicKeyToAddress(key)]),
  );
  const { signingHash, r, s, yParity } = transaction;
  assert.deepEqual(told, [[signingHash, (r << 256n) | s, yParity, sender]]);
});

test("both ways refuse what is no signature: zero, too large, or the malleable twin (EIP-2)", async () => {
  const { transaction } = await signed(5n);
  const { r, s, yParity } = transaction;
  const twin = { s: order - s, yParity: yParity === 0 ? 1 : 0 } as const;
  for (const change of [{ r: 0n }, { s: 0n }, { r: order }, { s: order + 1n }, { r: r + 2n ** 256n }, twin])
    for (const recover of [recoverSender, recoverSenderPortably])
      assert.equal(recover({ ...transaction, ...change }), undefined, JSON.stringify(Object.keys(change)));
});

test("both ways agree on signatures made up at random", async () => {
  const { transaction } = await signed(5n);
  const scalar = fc.bigInt({ min: 0n, max: order });
  fc.assert(
    fc.property(scalar, scalar, fc.constantFrom(0 as const, 1 as const), (r, s, yParity) => {
      const changed = { ...transaction, r, s, yParity };
      assert.equal(recoverSender(changed), recoverSenderPortably(changed));
    }),
    { numRuns: 50 },
  );
});

test("a digest's signer is the one that protocol finds, also for what is no signature", () => {
  const hex = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
  const key: Hex = `0x${"17".repeat(32)}`;
  const digestOf = fc.oneof(hex(32), fc.constant<Hex>(`0x${"00".repeat(32)}`));
  const flipped = (signature: Hex, at: number): Hex =>
    `0x${signature
      .slice(2)
      .split("")
      .map((digit, index) => (index === at ? (15 - Number.parseInt(digit, 16)).toString(16) : digit))
      .join("")}`;
  fc.assert(
    fc.property(digestOf, fc.oneof(hex(65), hex(64)), fc.nat(129), (digest, noise, at) => {
      const signature = signDigest(digest, key);
      for (const given of [signature, flipped(signature, at), noise])
        assert.equal(recoverDigestSigner(digest, given), recoverSigner(digest, given));
    }),
    { numRuns: 50 },
  );
});

test("both ways sign alike", () => {
  const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((value) => bytesToHex(value));
  const key = fc.bigInt(1n, order - 1n).map((value): Hex => `0x${value.toString(16).padStart(64, "0")}`);
  fc.assert(
    fc.property(hex, key, (digest, privateKey) =>
      assert.equal(signDigestFast(digest, privateKey), signDigest(digest, privateKey)),
    ),
    { numRuns: 50 },
  );
});
