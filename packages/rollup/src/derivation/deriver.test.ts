// The TypeScript encoder against the only decoder, in the committed kernel.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DataMode, inputsLeaf, merkleRoot, zeroHash } from "@metis/protocol";
import { keccak256, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { packBlobs } from "../blobs.ts";
import {
  claimed,
  payloadOf,
  scriptedBlocks,
  scriptedConfig,
  scriptedDeposit,
  scriptedL1,
  scriptedRequest,
} from "../testing/chain.ts";
import { deriveKernel } from "../testing/kernel.ts";
import { deriveBatch } from "./deriver.ts";

const kernel = deriveKernel();
const l1 = scriptedL1(40);
const config = scriptedConfig(l1);
const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
const to = "0x00000000000000000000000000000000000000dd";
const chainId = Number(config.l2ChainId);

/** One transaction of each form that a payload can carry. */
async function everyForm(): Promise<readonly Hex[]> {
  const accessList = [
    { address: to, storageKeys: [zeroHash, keccak256("0x01")] },
    { address: account.address, storageKeys: [] },
  ] as const;
  const authorization = await account.signAuthorization({ contractAddress: to, chainId: 0, nonce: 300 });
  const fees = { maxFeePerGas: 2_000_000_000n, maxPriorityFeePerGas: 0n };
  return Promise.all([
    account.signTransaction({ chainId, type: "legacy", nonce: 0, gasPrice: 10n ** 9n, gas: 21_000n, to, value: 1n }),
    account.signTransaction({ type: "legacy", nonce: 1, gasPrice: 0n, gas: 100_000n, data: "0x6001" } as never),
    account.signTransaction({ chainId, type: "eip2930", nonce: 127, gasPrice: 7n, gas: 60_000n, to, accessList }),
    account.signTransaction({
      chainId,
      type: "eip1559",
      nonce: 128,
      ...fees,
      gas: 90_000n,
      to,
      data: `0x${"ab".repeat(300)}`,
    }),
    account.signTransaction({
      chainId,
      type: "eip1559",
      nonce: 2 ** 31,
      ...fees,
      gas: 16_777_216n,
      value: 10n ** 30n,
      data: "0x00",
    }),
    account.signTransaction({
      chainId,
      type: "eip7702",
      nonce: 5,
      ...fees,
      gas: 90_000n,
      to,
      authorizationList: [authorization, authorization],
    }),
  ]);
}

test("a payload with every form of transaction derives to the very blocks it was made of", async () => {
  const transactions = await everyForm();
  const deposits = [scriptedDeposit(0, 1), scriptedDeposit(1, 3), scriptedDeposit(2, 3)];
  const blocks = scriptedBlocks(
    l1,
    [
      { anchor: 0, at: 1, transactions: transactions.slice(0, 2) },
      {
        anchor: 2,
        at: 30,
        rate: 10n ** 20n,
        attendance: "0x0102",
        proposer: "0x00000000000000000000000000000000000000ab",
      },
      { anchor: 3, at: 40, transactions: transactions.slice(2) },
      { anchor: 3, at: 41 },
    ],
    deposits,
  );
  const payload = payloadOf(config, blocks);
  const request = scriptedRequest({ config, l1, anchor: 3, lastTime: blocks.at(-1)!.time, payload, deposits });
  const result = await deriveBatch(kernel, request);
  assert.equal(result.reason, undefined);
  assert.deepEqual(result.blocks, blocks);
  assert.equal(result.inputsRoot, merkleRoot(blocks.map(inputsLeaf)));
  assert.deepEqual(
    result.claimedOutputRoots,
    claimed(blocks).map(({ outputRoot }) => outputRoot),
  );
  assert.equal(result.outputsRoot, merkleRoot(result.claimedOutputRoots));
});

test("the same payload in blobs derives to the same blocks", async () => {
  const blocks = scriptedBlocks(l1, [{ anchor: 1, at: 12, transactions: await everyForm() }]);
  const payload = payloadOf(config, blocks);
  const request = scriptedRequest({
    config,
    l1,
    anchor: 1,
    lastTime: blocks[0]!.time,
    payload,
    header: { dataMode: DataMode.blobs, payloadHash: zeroHash, dataCommitment: keccak256("0x01") },
    data: { kind: "blobs", blobs: packBlobs(payload) },
  });
  assert.deepEqual((await deriveBatch(kernel, request)).blocks, blocks);
});
