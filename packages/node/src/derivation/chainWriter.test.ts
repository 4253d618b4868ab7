import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { TestContext } from "node:test";
import { openMvm } from "@metis/mvm";
import type { BlockRef, Mvm } from "@metis/mvm";
import { nextContext, rollupGenesis } from "@metis/mvm/testing";
import { createMetrics, MemoryStore, silentLogger } from "@metis/runtime";
import { ChainHeads } from "../heads/heads.ts";
import type { SignedBlock } from "../heads/records.ts";
import { ChainStore } from "../heads/store.ts";
import { ChainWriter } from "./chainWriter.ts";
import { serially } from "./serial.ts";

const signedBlocks = 4;
const kept = 1n;

/** A chain of some blocks, all signed, and its writer, for which `rewind` takes blocks back. */
async function signedChain(context: TestContext, rewind: (mvm: Mvm, number: bigint) => Promise<void>) {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-chain-writer-"));
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis() });
  context.after(async () => {
    await mvm.close();
    rmSync(dataDir, { recursive: true });
  });
  const chain = new ChainStore(new MemoryStore());
  const blocks: BlockRef[] = [mvm.head()];
  for (let count = 0; count < signedBlocks; count++) {
    const block = await mvm.execute(nextContext(mvm.head()));
    await mvm.commit(block.hash);
    await chain.putSigned(mvm.head(), {} as SignedBlock);
    blocks.push(mvm.head());
  }
  const [genesis, head] = [blocks[0]!, mvm.head()];
  const heads = new ChainHeads({ unsafe: head, signed: head, safe: genesis, finalized: genesis }, createMetrics());
  const writer = new ChainWriter({
    mvm: new Proxy(mvm, {
      get(target, name) {
        if (name === "rewind") return (number: bigint) => rewind(mvm, number);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
    chain,
    heads,
    mempool: undefined,
    exclusively: serially(),
    logger: silentLogger(),
  });
  return { mvm, chain, heads, writer, blocks };
}

const killed = new Error("killed");

suite("blocks that are taken back", () => {
  test("go with their certificates, and the signed head is the one below them", async (context) => {
    const { mvm, chain, heads, writer, blocks } = await signedChain(context, (to, number) => to.rewind(number));
    await writer.takeBack(kept, 1n, 0);
    const head = blocks[Number(kept)]!;
    assert.deepEqual(mvm.head(), head);
    assert.deepEqual(heads.heads(), { unsafe: head, signed: head, safe: blocks[0], finalized: blocks[0] });
    assert.deepEqual(chain.marks().signed, head);
    assert.equal(chain.certificate(kept + 1n), undefined);
    assert.equal([...chain.evidence()].length, signedBlocks - Number(kept));
  });

  for (const [when, goesOn] of [
    ["before the chain is rewound", () => Promise.reject(killed)],
    ["after it", (mvm: Mvm, number: bigint) => mvm.rewind(number).then(() => Promise.reject(killed))],
  ] as const)
    test(`a process killed ${when} remembers no signed block that is gone`, async (context) => {
      const { mvm, chain, writer, blocks } = await signedChain(context, goesOn);
      await assert.rejects(writer.takeBack(kept, 1n, 0), killed);
      assert.deepEqual(chain.marks().signed, blocks[Number(kept)]);
      assert.ok(mvm.head().number >= kept);
    });

  test("are refused above the head, and nothing is set aside", async (context) => {
    const { chain, writer, blocks } = await signedChain(context, (to, number) => to.rewind(number));
    await assert.rejects(writer.takeBack(BigInt(signedBlocks) + 1n, 1n, 0), { code: "unknown-block" });
    assert.deepEqual(chain.marks().signed, blocks.at(-1));
  });
});
