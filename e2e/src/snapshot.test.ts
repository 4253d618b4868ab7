// A node that starts from another's snapshot, checked against L1's settled claim.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { MvmError } from "@metis/mvm";
import { exportNodeSnapshot, importNodeSnapshot, NodeError, type MetisNode } from "@metis/node";
import { stateClaimsAbi } from "@metis/protocol/contracts";
import { silentLogger } from "@metis/runtime";
import { until, World } from "./world.ts";

suite("a node's snapshot", () => {
  let world: World;
  let sequencer: MetisNode;
  let file: string;
  before(async () => {
    world = await World.start({ windows: { challengeWindow: 20, daChallengeWindow: 5, daResolveWindow: 5 } });
    world.mine(25);
    sequencer = await world.sequencer();
    file = join(world.folder, "chain.snapshot");
  });
  after(() => world?.stop());

  const source = () => ({ file, deployment: world.deployment, l1Rpc: world.anvil.url, logger: silentLogger() });
  const dataDir = (name: string): string => world.options(name).dataDir;

  test("leads a new node to the sequencer's head, from the claim that L1 settled", async () => {
    const { reader, wallet } = world.clients(sequencer);
    for (let i = 0; i < 5; i++) {
      const hash = await wallet.sendTransaction({ to: wallet.account.address, value: BigInt(i) });
      await reader.waitForTransactionReceipt({ hash });
    }
    await until("a batch is final", () => (sequencer.base.chain.marks().finalizedBatch ?? 0n) > 1n);
    const { batchIndex, number } = await exportNodeSnapshot({ dataDir: dataDir("sequencer"), file });
    assert.ok(number > 0);
    const { l1 } = sequencer.base;
    const { stateClaims } = world.deployment.genesisConfig;
    await until("its claim is settled", async () => {
      return (await l1.read(stateClaimsAbi, stateClaims, "settledCount", [])) > batchIndex;
    });
    const imported = await importNodeSnapshot({ ...source(), dataDir: dataDir("copy") });
    assert.deepEqual(imported.batchIndex, batchIndex);

    const copy = await world.node("copy");
    assert.equal(await copy.base.mvm.reader.block(BigInt(number - 1)), undefined);
    const { signed } = sequencer.base.heads.heads();
    assert.ok(signed.number > BigInt(number));
    await until("the copy is there", () => copy.base.heads.heads().safe.number >= signed.number);
    const own = await sequencer.base.mvm.reader.block(signed.number);
    assert.deepEqual(await copy.base.mvm.reader.block(signed.number), own);
    assert.equal(
      copy.base.chain.derivedOf(signed.number)?.batchHash,
      sequencer.base.chain.derivedOf(signed.number)?.batchHash,
    );
  });

  test("is refused for another output root, and on another L1, and leaves nothing", async () => {
    const wrong = dataDir("wrong");
    const outputRoot = `0x${"11".repeat(32)}` as const;
    await assert.rejects(
      importNodeSnapshot({ ...source(), dataDir: wrong, outputRoot }),
      (error) => error instanceof MvmError && error.code === "snapshot-mismatch",
    );
    const genesisConfig = { ...world.deployment.genesisConfig, l2GenesisHash: outputRoot };
    const deployment = { ...world.deployment, genesisConfig };
    await assert.rejects(
      importNodeSnapshot({ ...source(), dataDir: wrong, deployment }),
      (error) => error instanceof NodeError && error.code === "wrong-chain",
    );
    assert.ok(!existsSync(wrong));
  });

  test("goes into no folder that holds a node's data", async () => {
    await assert.rejects(
      importNodeSnapshot({ ...source(), dataDir: dataDir("copy") }),
      (error) => error instanceof NodeError && error.code === "snapshot-target",
    );
  });

  test("is not made of a batch that is not final", async () => {
    const last = sequencer.base.chain.lastDerived()!.header.batchIndex;
    await assert.rejects(
      exportNodeSnapshot({ dataDir: dataDir("sequencer"), file: `${file}.2`, batch: last + 100n }),
      (error) => error instanceof NodeError && error.code === "snapshot-not-final",
    );
    assert.ok(!existsSync(`${file}.2`));
  });
});
