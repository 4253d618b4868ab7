import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import type { Hex } from "viem";
import { temporaryFolder } from "../testing/synthetic.ts";
import { runStateTests, type StateTestResult } from "./stateTests.ts";

const secretKey: Hex = `0x${"11".repeat(32)}`;
const account = privateKeyToAccount(secretKey);
const target: Hex = "0x00000000000000000000000000000000000000aa";
const blob: Hex = `0x01${"00".repeat(31)}`;
const accessList = [{ address: target, storageKeys: [`0x${"00".repeat(32)}` as const] }];

/** Keeps the value sent, the first word said, the origin and the price of gas. */
const code = "0x345f555f35600155326002553a60035500";

/** The second variant of each list; the first would do something else. */
const chosen = { gas: 200_000n, value: 7n, data: `0x${"00".repeat(31)}09` } as const;
const variants = {
  nonce: "0x00",
  gasLimit: ["0x5208", "0x030d40"],
  value: ["0x00", "0x07"],
  data: ["0x", chosen.data],
  to: target.slice(2),
};
const dynamic = { maxFeePerGas: "0x14", maxPriorityFeePerGas: "0x02" };

/** The fields of each type in a fixture, and signed by viem. */
async function transactions(): Promise<[fields: object, signed: Hex][]> {
  const common = { chainId: 1, nonce: 0, to: target, ...chosen } as const;
  const paid = { ...common, maxFeePerGas: 20n, maxPriorityFeePerGas: 2n };
  const delegation = await account.signAuthorization({ chainId: 0, nonce: 1, contractAddress: target });
  const { address, r, s, yParity } = delegation;
  const entry = { chainId: "0x00", address, nonce: "0x01", r, s, yParity: `0x${yParity}` };
  const sign = account.signTransaction;
  return [
    [{ gasPrice: "0x14" }, await sign({ ...common, type: "legacy", gasPrice: 20n })],
    [
      { gasPrice: "0x14", accessLists: [null, accessList] },
      await sign({ ...common, type: "eip2930", gasPrice: 20n, accessList }),
    ],
    [dynamic, await sign({ ...paid, type: "eip1559" })],
    [
      { ...dynamic, accessLists: [[], accessList], maxFeePerBlobGas: "0x0a", blobVersionedHashes: [blob] },
      await sign({ ...paid, type: "eip4844", accessList, maxFeePerBlobGas: 10n, blobVersionedHashes: [blob] }),
    ],
    [
      { ...dynamic, authorizationList: [entry] },
      await sign({ ...paid, type: "eip7702", authorizationList: [delegation] }),
    ],
  ];
}

test("a fixture without signed bytes means the variant of its transaction that a subtest names", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const env = {
    currentCoinbase: "fe".repeat(20),
    currentNumber: "0x01",
    currentTimestamp: "0x01",
    currentGasLimit: "0x989680",
    currentBaseFee: "0x0a",
  };
  const holder = { nonce: "0x00", balance: "0xffffffffffff", code: "0x", storage: {} };
  const pre = { [account.address]: holder, [target]: { ...holder, code } };
  const indexes = { data: 1, gas: 1, value: 1 };
  const fixtures = (await transactions()).map(([fields, txbytes], type) => {
    const transaction = { ...variants, ...fields, ...(type === 0 ? { sender: account.address } : { secretKey }) };
    const first = { ...indexes, data: 0 };
    return [type, { env, pre, transaction, post: { Osaka: [{ txbytes }, { indexes }, { indexes: first }] } }];
  });
  writeFileSync(join(folder.path, "types.json"), JSON.stringify(Object.fromEntries(fixtures)));
  const results: StateTestResult[] = [];
  await runStateTests([folder.path], (result) => results.push(result));
  assert.deepEqual(
    results.map(({ error }) => error),
    results.map(() => undefined),
  );
  for (const [signed, named, other] of Map.groupBy(results, ({ name }) => name).values()) {
    assert.equal(named?.stateRoot, signed?.stateRoot);
    assert.notEqual(other?.stateRoot, signed?.stateRoot);
  }
  const signed = results.filter(({ index }) => index === 0);
  assert.equal(new Set(signed.map(({ stateRoot }) => stateRoot)).size, fixtures.length);
});
