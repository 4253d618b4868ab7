import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MvmError } from "./errors.ts";
import { decodeConfiguration, encodeConfiguration } from "./genesis.ts";
import { parseGethGenesis } from "./gethGenesis.ts";

const genesis = {
  config: {
    chainId: 7,
    homesteadBlock: 0,
    londonBlock: 3,
    mergeNetsplitBlock: 5,
    terminalTotalDifficulty: 10,
    cancunTime: 100,
    bpo1Time: 200,
    blobSchedule: {
      bpo1: { target: 10, max: 15, baseFeeUpdateFraction: 8346193 },
      cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
      prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
    },
  },
  nonce: "0x2",
  timestamp: "0x0",
  extraData: "0x68",
  gasLimit: "0x5f5e100",
  difficulty: "0x20000",
  mixHash: `0x${"00".repeat(32)}`,
  coinbase: `0x${"00".repeat(20)}`,
  alloc: { ["AB".repeat(20)]: { balance: "12", nonce: "0x1", code: "0x6000", storage: { "0x1": "0x02" } } },
  baseFeePerGas: null,
};

test("forks, blob schedule and accounts of geth's genesis.json are read", () => {
  const parsed = parseGethGenesis(genesis);
  assert.equal(parsed.chainConfig.l2ChainId, 7n);
  assert.equal(parsed.chainConfig.pure, true);
  assert.deepEqual(parsed.pure?.forks, [
    { name: "Homestead", at: "block", value: 0n },
    { name: "London", at: "block", value: 3n },
    { name: "Paris", at: "block", value: 5n },
    { name: "Cancun", at: "time", value: 100n },
  ]);
  assert.deepEqual(
    parsed.pure?.blobs.map(({ timestamp, max }) => [timestamp, max]),
    [
      [100n, 6],
      [200n, 15],
    ],
  );
  assert.deepEqual(parsed.alloc[`0x${"ab".repeat(20)}`], {
    balance: 12n,
    nonce: 1n,
    code: "0x6000",
    storage: { [`0x${"0".repeat(63)}1`]: `0x${"0".repeat(63)}2` },
  });
  assert.equal(parsed.header.baseFeePerGas, undefined);
  assert.equal(parsed.header.nonce, "0x0000000000000002");
});

test("a merge at the start needs no block number", () => {
  const merged = { ...genesis, config: { ...genesis.config, mergeNetsplitBlock: null, terminalTotalDifficulty: 0 } };
  assert.deepEqual(
    parseGethGenesis(merged).pure?.forks.find(({ name }) => name === "Paris"),
    { name: "Paris", at: "block", value: 0n },
  );
});

test("a chain's stored configuration says again what its genesis.json said", () => {
  const config = { ...genesis.config, depositContractAddress: `0x${"0d".repeat(20)}` };
  for (const { chainConfig, pure } of [genesis, { ...genesis, config }].map(parseGethGenesis)) {
    assert.deepEqual(decodeConfiguration(encodeConfiguration({ chainConfig, ...(pure && { pure }) })), {
      chainConfig,
      pure,
    });
  }
});

test("any other JSON is refused with a code", () => {
  const isRefused = (json: unknown): void => {
    try {
      parseGethGenesis(json);
    } catch (error) {
      assert.ok(error instanceof MvmError && error.code === "genesis-invalid", String(error));
    }
  };
  fc.assert(fc.property(fc.jsonValue(), isRefused));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(genesis)), fc.jsonValue(), (key, value) =>
      isRefused({ ...genesis, [key]: value }),
    ),
  );
});
