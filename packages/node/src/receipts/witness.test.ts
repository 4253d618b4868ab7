import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { numberToHex } from "viem";
import type { Address, Hash } from "viem";
import { brokenOrders } from "./evidence.ts";
import type { BrokenOrder, OrderedBlock } from "./evidence.ts";
import type { SignedReceipt } from "./signed.ts";
import { OrderWitness } from "./witness.ts";

const leader: Address = "0x00000000000000000000000000000000000000a1";
const other: Address = "0x00000000000000000000000000000000000000b2";
const hashOf = (transaction: number): Hash => numberToHex(transaction, { size: 32 });

const receipt = (transaction: number, sequence: number, firstBlock = 1, lastBlock = 256): SignedReceipt => ({
  receipt: {
    generation: 0,
    transactionHash: hashOf(transaction),
    sequence: BigInt(sequence),
    firstBlock: BigInt(firstBlock),
    lastBlock: BigInt(lastBlock),
  },
  signer: leader,
  signature: "0x",
});
const block = (number: number, transactions: readonly number[], proposer = leader): OrderedBlock => ({
  number: BigInt(number),
  generation: 0,
  proposer,
  transactionHashes: transactions.map(hashOf),
});

/** A witness on a chain of which more and more becomes final. */
function witnessOf(blocks: readonly OrderedBlock[]) {
  let finalized = 0n;
  const witness = new OrderWitness({
    block: async (number) => blocks[Number(number) - 1],
    find: async (hash) => blocks.find(({ transactionHashes }) => transactionHashes.includes(hash))?.number,
    finalized: () => finalized,
  });
  const lookTo = (number: number): Promise<readonly BrokenOrder[]> => {
    finalized = BigInt(number);
    return witness.look(new AbortController().signal);
  };
  return { witness, lookTo };
}

const history = fc
  .record({
    order: fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 2 }),
    cuts: fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }),
    proposers: fc.array(fc.constantFrom(leader, leader, other), { minLength: 9, maxLength: 9 }),
    receipts: fc.array(
      fc.record({
        transaction: fc.integer({ min: 1, max: 8 }),
        sequence: fc.integer({ min: 1, max: 12 }),
        from: fc.integer({ min: 1, max: 5 }),
        heardAt: fc.nat(9),
      }),
      { maxLength: 10 },
    ),
  })
  .map(({ order, cuts, proposers, receipts }) => {
    const blocks: number[][] = [[]];
    order.forEach((transaction, i) => {
      if (cuts[i]! > 1) blocks.push([]);
      blocks.at(-1)!.push(transaction);
    });
    return { blocks: blocks.map((transactions, i) => block(i + 1, transactions, proposers[i])), receipts };
  });

suite("a witness of the order", () => {
  test("finds something in a history exactly when there is something, whenever it hears of receipts", () =>
    fc.assert(
      fc.asyncProperty(history, async ({ blocks, receipts }) => {
        const given = receipts.map(({ transaction, sequence, from }) => receipt(transaction, sequence, from));
        const { witness, lookTo } = witnessOf(blocks);
        const found: BrokenOrder[] = [];
        for (let final = 0; final <= 9; final++) {
          receipts.forEach(({ heardAt }, i) => heardAt === final && witness.hear(given[i]!));
          found.push(...(await lookTo(Math.min(final, blocks.length))));
        }
        assert.equal(found.length > 0, brokenOrders(given, blocks).length > 0);
        for (const broken of found) assert.equal(brokenOrders(receiptsIn(broken), blocks).length, 1);
      }),
      { numRuns: 500 },
    ));

  test("names every transaction that was passed over by the one with the highest sequence", async () => {
    const { witness, lookTo } = witnessOf([block(1, [3]), block(2, [1, 2])]);
    for (const transaction of [1, 2, 3]) witness.hear(receipt(transaction, transaction));
    const found = await lookTo(2);
    assert.deepEqual(
      found.map(
        (broken) => broken.kind === "overtaken" && [broken.earlier.receipt.receipt.sequence, broken.later.number],
      ),
      [
        [1n, 1n],
        [2n, 1n],
      ],
    );
  });

  test("says each thing once", async () => {
    const { witness, lookTo } = witnessOf([block(1, [2, 1])]);
    witness.hear(receipt(1, 1));
    witness.hear(receipt(2, 2));
    witness.hear(receipt(2, 2));
    assert.equal((await lookTo(1)).length, 1);
    witness.hear(receipt(2, 2));
    assert.equal((await lookTo(1)).length, 0);
  });

  test("looks at no block that is not final", async () => {
    const { witness, lookTo } = witnessOf([block(1, [2]), block(2, [1])]);
    witness.hear(receipt(1, 1));
    witness.hear(receipt(2, 2));
    assert.equal((await lookTo(1)).length, 0);
    assert.equal((await lookTo(2)).length, 1);
  });

  test("forgets what can be broken no more", async () => {
    const blocks = Array.from({ length: 768 }, (_, i) => block(i + 1, []));
    const { witness, lookTo } = witnessOf(blocks);
    witness.hear(receipt(1, 1));
    witness.hear(receipt(2, 2, 600, 855));
    await lookTo(767);
    assert.equal(witness.count, 2);
    await lookTo(768);
    assert.equal(witness.count, 1);
  });
});

const receiptsIn = (broken: BrokenOrder): readonly SignedReceipt[] =>
  broken.kind === "overtaken" ? [broken.earlier.receipt, broken.later.receipt] : [broken.first, broken.second];
