import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Hex } from "viem";
import type { BuiltBlock } from "./api.ts";
import { fromHex } from "./bytes.ts";
import { MvmError } from "./errors.ts";
import { AnswerMemory } from "./executor/answers.ts";
import { CommitQueue, type CommitThread } from "./executor/commitQueue.ts";
import type { ImportProgress } from "./executor/importFile.ts";
import { Writer } from "./executor/writer.ts";
import { parseGethGenesis } from "./gethGenesis.ts";
import { importChain, openMvm } from "./mvm.ts";
import { alice, bob, chainId, signed, store, vault } from "./testing/rollup.ts";
import { temporaryFolder } from "./testing/synthetic.ts";
import { newEngine } from "./testing/writer.ts";

const allForks = [
  "homesteadBlock",
  "eip150Block",
  "eip158Block",
  "byzantiumBlock",
  "constantinopleBlock",
  "petersburgBlock",
  "istanbulBlock",
  "berlinBlock",
  "londonBlock",
  "shanghaiTime",
];
const zeroHash: Hex = `0x${"00".repeat(32)}`;
const genesisTime = 1_000n;

/** An Ethereum chain at Shanghai with alice funded. */
const genesis = parseGethGenesis({
  config: {
    chainId: Number(chainId),
    terminalTotalDifficulty: 0,
    ...Object.fromEntries(allForks.map((fork) => [fork, 0])),
  },
  timestamp: `0x${genesisTime.toString(16)}`,
  gasLimit: "0x1c9c380",
  alloc: {
    [alice.address]: { balance: "0xde0b6b3a7640000" },
    [vault]: { balance: "0x0", code: "0x366040146013576000355460005260206000f35b6020356000355500" },
  },
});

const attributes = (number: bigint): Parameters<Awaited<ReturnType<typeof openMvm>>["reader"]["buildBlock"]>[0] => ({
  timestamp: genesisTime + 12n * number,
  coinbase: bob,
  prevRandao: zeroHash,
  gasLimit: 30_000_000n,
  extraData: "0x",
  parentBeaconBlockRoot: zeroHash,
  withdrawals: [{ index: number, validatorIndex: 1n, address: bob, amount: 3n }],
});

/** A chain of `count` blocks, built one by one on an importing instance in `dataDir`. */
async function buildChain(dataDir: string, count: number): Promise<BuiltBlock[]> {
  const mvm = await openMvm({ dataDir, genesis });
  const blocks: BuiltBlock[] = [];
  for (let i = 0; i < count; i++) {
    const transactions = [
      await signed(2 * i, { value: 1n, gas: 21_000n }),
      await signed(2 * i + 1, { to: vault, data: store(1n, BigInt(i + 1)) }),
    ];
    const block = await mvm.reader.buildBlock(attributes(BigInt(i + 1)), transactions, "latest");
    assert.deepEqual(block.skipped, []);
    blocks.push(block);
    const file = join(dataDir, "one.rlp");
    writeFileSync(file, fromHex(block.blockRlp));
    await mvm.importFile(file);
  }
  await mvm.close();
  return blocks;
}

async function headOf(dataDir: string): Promise<bigint> {
  const mvm = await openMvm({ dataDir });
  const { number } = mvm.head();
  await mvm.close();
  return number;
}

const chainOf = (blocks: readonly BuiltBlock[]): Buffer =>
  Buffer.concat(blocks.map((block) => fromHex(block.blockRlp)));

test("a chain file is imported in pure mode, goes on where it stopped, and reports progress", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const blocks = await buildChain(join(folder.path, "built"), 4);
  const chainFile = join(folder.path, "chain.rlp");
  const dataDir = join(folder.path, "imported");

  writeFileSync(chainFile, chainOf(blocks.slice(0, 2)));
  assert.equal((await importChain({ dataDir, genesis, chainFile })).head.number, 2);
  writeFileSync(chainFile, chainOf(blocks));
  const seen: ImportProgress[] = [];
  const result = await importChain({ dataDir, genesis, chainFile, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(result.head, { number: 4, hash: blocks[3]!.hash });
  assert.equal(seen.at(-1)?.done, seen.at(-1)?.total);
  assert.equal(result.gasUsed, blocks[2]!.gasUsed + blocks[3]!.gasUsed);

  const mvm = await openMvm({ dataDir });
  t.after(() => mvm.close());
  const view = await mvm.reader.block(2n);
  assert.equal(view?.hash, blocks[1]!.hash);
  assert.equal(view?.size, fromHex(blocks[1]!.blockRlp).length);
  assert.deepEqual(view?.withdrawals, [{ index: 2n, validatorIndex: 1n, address: bob, amount: 3n }]);
  assert.deepEqual(await mvm.reader.receipts(2n), blocks[1]!.receipts);
  assert.equal((await mvm.reader.account(alice.address, 3n))?.nonce, 6n);
  // Withdrawals are in Gwei; tips and transfers come on top.
  assert.ok((await mvm.reader.account(bob, "latest"))!.balance > 4n * 3n * 10n ** 9n);
});

test("a file with a bad block keeps the blocks before it and says why", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const blocks = await buildChain(join(folder.path, "built"), 2);
  const chainFile = join(folder.path, "chain.rlp");
  const tries: [content: Buffer, code: string, head: bigint][] = [
    [chainOf(blocks).subarray(0, -1), "import-invalid", 1n],
    [chainOf(blocks.slice(1)), "import-invalid", 0n],
    [Buffer.concat([chainOf(blocks.slice(0, 1)), Buffer.from([0xc3, 0xc0, 0xc0, 0xc0])]), "import-invalid", 1n],
  ];
  for (const [content, code, head] of tries) {
    const dataDir = join(folder.path, createHash("sha256").update(content).digest("hex"));
    writeFileSync(chainFile, content);
    await assert.rejects(
      importChain({ dataDir, genesis, chainFile }),
      (error) => error instanceof MvmError && error.code === code,
    );
    assert.equal(await headOf(dataDir), head);
  }
});

test("a block whose header claims another state is refused by the kernel's rule", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const [block] = await buildChain(join(folder.path, "built"), 1);
  const bytes = fromHex(block!.blockRlp);
  // The state root is the fourth field of the header: behind two list heads, two hashes and the coinbase.
  const stateRoot = bytes.indexOf(fromHex(bob)) + 20 + 1;
  bytes[stateRoot] = bytes[stateRoot]! ^ 1;
  const chainFile = join(folder.path, "chain.rlp");
  writeFileSync(chainFile, bytes);
  const dataDir = join(folder.path, "imported");
  await assert.rejects(
    importChain({ dataDir, genesis, chainFile }),
    (error) => error instanceof MvmError && error.code !== "kernel-trap",
  );
  assert.equal(await headOf(dataDir), 0n);
});

test("a long file is imported ahead of its roots to the same chain, and of a bad block in it the kernel's reason is told", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const blocks = await buildChain(join(folder.path, "built"), 20);
  const chainFile = join(folder.path, "chain.rlp");
  const common = { genesis, chainFile, overlap: "roots" } as const;
  // A block that comes twice is there already.
  writeFileSync(chainFile, chainOf([...blocks.slice(0, 9), ...blocks.slice(5)]));
  const { head } = await importChain({ ...common, dataDir: join(folder.path, "whole") });
  assert.deepEqual(head, { number: 20, hash: blocks[19]!.hash });

  const bad = chainOf(blocks.slice(0, 18));
  const last = bad.length - fromHex(blocks[17]!.blockRlp).length;
  const stateRoot = bad.indexOf(fromHex(bob), last) + 20 + 1;
  bad[stateRoot] = bad[stateRoot]! ^ 1;
  writeFileSync(chainFile, Buffer.concat([bad, chainOf(blocks.slice(18))]));
  const dataDir = join(folder.path, "broken");
  await assert.rejects(importChain({ ...common, dataDir }), { code: "wrong-state-root" });
  assert.equal(await headOf(dataDir), 17n);
});

test("of blocks that cannot be written the failure is told to who gave them, and to nobody else", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const blocks = (await buildChain(folder.path, 3)).map(({ blockRlp }) => fromHex(blockRlp));
  const { chain, slot } = await newEngine(t, undefined, genesis);
  const full = new MvmError("disk-full", "no room");
  const call = async (method: string): Promise<void> => {
    if (method === "write") throw full;
  };
  const thread: CommitThread = { call: call as CommitThread["call"], terminate: async () => {} };
  const commits = new CommitQueue(chain, () => thread, 0);
  await commits.begin();
  const { promise } = await new Writer(commits, slot, new AnswerMemory(false)).importBlocks(blocks);
  await assert.rejects(promise, full);
  // A rejection that nobody hears of would fail the test by now.
  await new Promise((resolve) => void setImmediate(resolve));
});
