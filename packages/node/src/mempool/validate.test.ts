import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeTransaction, type BlobTransaction, type SignedTransaction } from "@metis/protocol";
import { hexToBytes, type Hex, type TransactionSerializable } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { MempoolError } from "./errors.ts";
import { checkTransaction, intrinsicGas, type PoolRules } from "./validate.ts";

const account = privateKeyToAccount(`0x${"42".repeat(32)}`);
const to = `0x${"ab".repeat(20)}` as const;
const rules: PoolRules = { chainId: 901_088n, blockGasLimit: 30_000_000n, minTip: 0n, allowUnprotected: false };
const good = {
  type: "eip1559",
  chainId: 901_088,
  to,
  gas: 100_000n,
  maxFeePerGas: 10n,
  maxPriorityFeePerGas: 1n,
} as const;

async function sign(transaction: TransactionSerializable): Promise<SignedTransaction> {
  return decodeTransaction(hexToBytes(await account.signTransaction(transaction))) as SignedTransaction;
}

async function refusal(
  transaction: TransactionSerializable,
  change: Partial<PoolRules> = {},
): Promise<[string, string] | undefined> {
  try {
    checkTransaction(await sign(transaction), { ...rules, ...change });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof MempoolError);
    return [error.code, error.message];
  }
}

test("a plain transaction passes", async () => {
  assert.equal(await refusal(good), undefined);
  assert.equal(await refusal({ ...good, gas: 21_000n }), undefined);
});

test("each reason to refuse has its code and the words wallets know", async () => {
  const list = {
    chainId: 901_088,
    address: to,
    nonce: 0,
    yParity: 0,
    r: `0x${"11".repeat(32)}`,
    s: `0x${"22".repeat(32)}`,
  } as const;
  const cases: readonly (readonly [TransactionSerializable, string, RegExp])[] = [
    [{ ...good, chainId: 1 }, "wrong-chain", /invalid chain id for signer: have 1 want 901088/],
    [{ type: "legacy", to, gas: 21_000n, gasPrice: 1n }, "unprotected", /replay-protected \(EIP-155\)/],
    [{ ...good, gas: 20_999n }, "gas-too-low", /intrinsic gas too low: gas 20999, minimum needed 21000/],
    [
      { ...good, gas: 29_000n, data: `0x${"01".repeat(400)}` },
      "gas-too-low",
      /floor data gas cost: gas 29000, minimum needed 37000/,
    ],
    [
      { ...good, gas: 2n ** 24n + 1n },
      "gas-too-high",
      /transaction gas limit too high \(cap: 16777216, tx: 16777217\)/,
    ],
    [{ ...good, maxPriorityFeePerGas: 10n, maxFeePerGas: 10n, nonce: Number.MAX_SAFE_INTEGER }, "none", /^$/],
    [
      { ...good, to: null, data: `0x${"00".repeat(49_153)}`, gas: 10_000_000n },
      "initcode-too-large",
      /max initcode size exceeded: code size 49153, limit 49152/,
    ],
    [{ ...good, type: "eip7702", authorizationList: [] }, "bad-authorizations", /at least one authorization tuple/],
    [{ ...good, type: "eip7702", authorizationList: [list], gas: 45_999n }, "gas-too-low", /minimum needed 46000/],
  ];
  for (const [transaction, code, message] of cases) {
    const [gotCode, gotMessage] = (await refusal(transaction)) ?? ["none", ""];
    assert.equal(gotCode, code);
    assert.match(gotMessage, message);
  }
});

test("limits of the chain and the operator count", async () => {
  assert.deepEqual(await refusal(good, { blockGasLimit: 99_999n }), ["gas-too-high", "exceeds block gas limit"]);
  assert.equal((await refusal(good, { minTip: 2n }))?.[0], "underpriced");
  assert.equal(
    await refusal({ type: "legacy", to, gas: 21_000n, gasPrice: 1n }, { allowUnprotected: true }),
    undefined,
  );
});

test("a tip above the fee cap is refused", async () => {
  const crossed = { ...(await sign(good)), maxPriorityFeePerGas: 11n } as SignedTransaction;
  assert.throws(() => checkTransaction(crossed, rules), { code: "fee-caps-crossed" });
});

test("a blob transaction calls an account and names one to six hashes of version 1", async () => {
  const check = async (hashes: readonly Hex[], change: Partial<BlobTransaction> = {}): Promise<void> => {
    const blobs = { type: 3, maxFeePerBlobGas: 1n, blobVersionedHashes: hashes } as const;
    checkTransaction({ ...(await sign(good)), ...blobs, ...change } as BlobTransaction, rules);
  };
  const hash: Hex = `0x01${"11".repeat(31)}`;
  await check([hash]);
  await check(Array(6).fill(hash));
  for (const bad of [
    check([]),
    check(Array(7).fill(hash)),
    check([hash, `0x02${"11".repeat(31)}`]),
    check([hash], { to: null }),
  ])
    await assert.rejects(bad, { code: "bad-blobs" });
});

test("intrinsic gas counts zero and other bytes, creations, and access lists", async () => {
  const of = async (transaction: TransactionSerializable): Promise<bigint> =>
    intrinsicGas(await sign(transaction)).intrinsic;
  assert.equal(await of({ ...good, data: "0x0000ff" }), 21_000n + 4n + 4n + 16n);
  assert.equal(await of({ ...good, to: null, data: `0x${"00".repeat(33)}` }), 21_000n + 33n * 4n + 32_000n + 2n * 2n);
  assert.equal(
    await of({ ...good, accessList: [{ address: to, storageKeys: [`0x${"00".repeat(32)}`] }] }),
    21_000n + 2400n + 1900n,
  );
});
