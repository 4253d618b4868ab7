import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, http, parseEther } from "viem";
import { parseAmount, parseAsset, showAmount, showSeconds, type Asset } from "./amounts.ts";

const metis: Asset = { kind: "metis", symbol: "METIS", decimals: 18 };
const cents: Asset = {
  kind: "erc20",
  symbol: "USD",
  decimals: 2,
  l1Token: "0x00000000000000000000000000000000000000aa",
};

test("amounts are read and shown in units of the asset, exactly", () => {
  assert.equal(parseAmount("1.5", metis), parseEther("1.5"));
  assert.equal(parseAmount("0.000000000000000001", metis), 1n);
  assert.equal(parseAmount("12.34", cents), 1234n);
  assert.equal(showAmount(1234n, cents), "12.34 USD");
});

test("what is no amount of the asset is a usage error", () => {
  for (const text of ["", "x", "-1", "1e3", "1.", ".5", "0", "0.0", "1,5", "0x10"])
    assert.throws(() => parseAmount(text, metis), { code: "usage", message: /--amount/ }, text);
  assert.throws(() => parseAmount("1.234", cents), { code: "usage", message: /2 decimals/ });
});

test("an asset is METIS, ETH or an address", async () => {
  const nowhere = createClient({ transport: http("http://127.0.0.1:1") });
  assert.deepEqual(await parseAsset(nowhere, "metis"), metis);
  assert.equal((await parseAsset(nowhere, "eth")).kind, "eth");
  await assert.rejects(parseAsset(nowhere, "gold"), { code: "usage", message: /--asset/ });
});

test("time left is shown in its two largest units, rounded up", () => {
  const wanted = ["0 s", "0 s", "1 s", "59 s", "1 min 0 s", "2 min 15 s", "1 h 0 min", "2 h 1 min"];
  assert.deepEqual([0, -3, 0.2, 59, 60, 135, 3_599.5, 7_260].map(showSeconds), wanted);
});
