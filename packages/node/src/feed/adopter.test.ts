import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { addressOfKey, BlockFlag } from "@metis/protocol";
import type { BlockAttestation, BlockInputs } from "@metis/protocol";
import type { Hex } from "viem";
import { FeedWorld, seatKeys, seats, signBlock } from "./feed.fixture.ts";
import type { ScriptedPool } from "./feed.fixture.ts";
import type { FeedBlock } from "./signedBlock.ts";

const other: Hex = `0x${"ab".repeat(32)}`;

suite("a replica takes over a signed block", () => {
  let world: FeedWorld;
  let pool: ScriptedPool;
  let replica: Awaited<ReturnType<FeedWorld["replica"]>>;
  let honest: FeedBlock;
  before(async () => {
    world = await FeedWorld.start();
    pool = await world.pool();
    replica = await world.replica("replica", []);
    const [first, second] = await pool.produce(2);
    await replica.adopter.adopt(first!);
    honest = second!;
  });
  after(() => world.stop());

  /** The honest block with other inputs and another attestation, signed by `keys`. */
  const forged = (
    given: {
      inputs?: Partial<BlockInputs>;
      attestation?: Partial<BlockAttestation>;
      keys?: readonly Hex[];
      members?: typeof seats;
    } = {},
  ): FeedBlock =>
    signBlock(
      { ...honest.inputs, ...given.inputs },
      { ...honest.attestation, ...given.attestation },
      given.keys,
      given.members,
    );

  async function refuses(block: FeedBlock, code: string, message: RegExp, remedy = "reject"): Promise<void> {
    const head = replica.mvm.head();
    const heads = replica.heads.heads();
    await assert.rejects(replica.adopter.adopt(block), { name: "FeedError", code, message, remedy });
    assert.deepEqual(replica.mvm.head(), head);
    assert.deepEqual(replica.heads.heads(), heads);
    assert.equal(replica.chain.certificate(block.attestation.number), undefined);
  }

  test("not when exactly two thirds signed", () =>
    refuses(forged({ keys: seatKeys.slice(0, 2) }), "certificate-invalid", /more than two thirds/));

  test("not when nobody or somebody else signed", async () => {
    await refuses({ ...honest, bitmap: 0n, signatures: "0x" }, "certificate-invalid", /two thirds/);
    const strangers = [other, ...seatKeys.slice(1)];
    const members = strangers
      .map((key) => ({ signer: addressOfKey(key), weight: 1n }))
      .toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
    await refuses(forged({ keys: strangers, members }), "certificate-invalid", /not by member/);
  });

  test("not with the certificate of another block, a repeated or a missing signature, or a bit too many", async () => {
    const [wrong] = [signBlock(honest.inputs, { ...honest.attestation, blockHash: other })];
    await refuses({ ...honest, signatures: wrong.signatures }, "certificate-invalid", /not by member/);
    const first = honest.signatures.slice(2, 132);
    await refuses({ ...honest, signatures: `0x${first.repeat(3)}` }, "certificate-invalid", /not by member 1/);
    await refuses({ ...honest, signatures: `0x${first}` }, "certificate-invalid", /one signature for each/);
    await refuses({ ...honest, bitmap: 0b1111n }, "certificate-invalid", /do not exist/);
  });

  test("not of another epoch, even if everybody signed", () =>
    refuses(forged({ attestation: { epoch: 1n } }), "wrong-epoch", /epoch 1, its batch is of epoch 0/));

  test("not of another generation than L1 is in: an older one is refused, a newer one waits", async () => {
    const later = { generation: 1 };
    await refuses(forged({ inputs: later, attestation: later }), "generation-ahead", /L1 shows 0 here/, "retry");
    replica.status.adopt(1);
    await refuses(honest, "generation-behind", /generation 0, L1 is in 1/);
    replica.status.retreat(0);
  });

  test("not before its turn, and not again", async () => {
    const ahead = { number: 3n };
    await refuses(forged({ inputs: ahead, attestation: ahead }), "out-of-order", /2 was expected/);
    await assert.rejects(replica.adopter.adopt(forged({ attestation: { number: 1n }, inputs: { number: 1n } })), {
      code: "out-of-order",
    });
  });

  test("not when inputs and attestation are of two blocks", async () => {
    await refuses(forged({ inputs: { number: 3n } }), "inputs-differ", /not those of the block/);
    await refuses(forged({ inputs: { anchorHash: other } }), "inputs-differ", /not those of the block/);
    await refuses(forged({ inputs: { generation: 7 } }), "inputs-differ", /not those of the block/);
  });

  test("not when its own execution gives another block or another output root, whoever signed", async () => {
    await refuses(forged({ inputs: { transactions: [] } }), "execution-differs", /executes to 0x/);
    await refuses(forged({ attestation: { blockHash: other } }), "execution-differs", /is attested/);
    await refuses(forged({ attestation: { outputRoot: other } }), "execution-differs", /output root/);
  });

  test("not with inputs that give the attested hash and yet are not the pool's", async () => {
    const skipped = [...honest.inputs.transactions, ...honest.inputs.transactions];
    await refuses(
      forged({ inputs: { transactions: skipped } }),
      "execution-differs",
      /transaction 1 cannot be executed/,
    );
  });

  test("not with what no honest member votes for", async () => {
    const { time } = honest.inputs;
    await refuses(forged({ inputs: { time: time - 1n } }), "rule-broken", /time does not grow/);
    await refuses(forged({ inputs: { flags: BlockFlag.fallback } }), "rule-broken", /flags that no proposer sets/);
    await refuses(forged({ inputs: { depositEnd: 1n } }), "rule-broken", /deposits are not the queue's/);
    await refuses(forged({ inputs: { transactions: ["0x7e00"] } }), "rule-broken", /./);
    await refuses(forged({ inputs: { rate: 5n } }), "rule-broken", /rate or attendance without an anchor move/);
  });

  test("not on an anchor that L1 does not show here yet, nor on one that is another block here", async () => {
    const unseen = { anchorNumber: 1_000n, anchorHash: other };
    await refuses(forged({ inputs: unseen, attestation: unseen }), "anchor-unknown", /has not been seen/, "retry");
    const replaced = { anchorHash: other };
    await refuses(forged({ inputs: replaced, attestation: replaced }), "anchor-unknown", /is another here/, "retry");
  });

  test("not while derivation holds it back", async () => {
    replica.status.hold("the chain is still being derived from L1");
    await refuses(honest, "moved", /still being derived/, "retry");
    replica.status.hold(undefined);
  });

  test("the honest one, after all of those", async () => {
    await replica.adopter.adopt(honest);
    const { number, blockHash } = honest.attestation;
    assert.deepEqual(replica.heads.heads().signed, { number, hash: blockHash });
    assert.deepEqual(replica.mvm.head(), { number, hash: blockHash });
    assert.deepEqual(replica.chain.certificate(number), pool.node.chain.certificate(number));
    await assert.rejects(replica.adopter.adopt(honest), { code: "out-of-order" });
  });

  test("not with a rate that the chain clamps: others would give the same block", async () => {
    world.l1.mine(4);
    await world.clock.advance(500);
    const { initialRate } = world.config;
    const clamped = await pool.execute({ rate: initialRate * 2n });
    assert.notEqual(clamped.inputs.anchorHash, honest.inputs.anchorHash);
    await refuses(signBlock(clamped.inputs, clamped.attestation), "execution-differs", /outside the clamp/);
    const [bound] = await pool.produce(1, { rate: initialRate });
    await replica.adopter.adopt(bound!);
  });

  test("one that a crash left without its certificate is certified, not executed again", async () => {
    const [next] = await pool.produce();
    const { inputs } = next!;
    const parent = (await replica.mvm.reader.block(inputs.number - 1n))!.inputs!;
    const anchor = await pool.anchors.at({ number: parent.anchorNumber, hash: parent.anchorHash }, inputs.anchorNumber);
    const block = await replica.mvm.execute({ inputs, anchorHeader: anchor!.header.rlp, deposits: [] });
    await replica.mvm.commit(block.hash);
    await replica.adopter.adopt(next!);
    assert.equal(replica.heads.heads().signed.hash, block.hash);
    assert.ok(replica.chain.certificate(inputs.number));
  });

  test("not in place of an uncertified one that is another", async () => {
    const { inputs } = (await pool.produce())[0]!;
    const block = await replica.mvm.open({
      inputs: { ...inputs, transactions: [] },
      anchorHeader: (await pool.anchors.at(
        { number: inputs.anchorNumber, hash: inputs.anchorHash },
        inputs.anchorNumber,
      ))!.header.rlp,
      deposits: [],
    });
    const sealed = await block.seal();
    await replica.mvm.commit(sealed.hash);
    const genuine = await pool.node.mvm.reader.block(inputs.number);
    assert.notEqual(genuine?.hash, sealed.hash);
    const { attestation, certificate } = pool.node.chain.certificate(inputs.number)!;
    const signed = { inputs, attestation, bitmap: certificate.bitmap, signatures: certificate.signatures };
    await refuses(signed, "held-otherwise", /L1 will tell/, "retry");
  });
});
