// Random blocks through ethereumjs, which checks state root, receipts root, bloom and gas against the header.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createBlockFromRLP } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createAccount, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM, runBlock, type VM } from "@ethereumjs/vm";
import fc from "fast-check";
import type { Address, Hex } from "viem";
import { getContractAddress } from "viem/utils";
import type { PureAttributes } from "./api.ts";
import { toHex } from "./bytes.ts";
import { parseGethGenesis } from "./gethGenesis.ts";
import { openMvm } from "./mvm.ts";
import { alice, bob, chainId } from "./testing/rollup.ts";
import { temporaryFolder } from "./testing/synthetic.ts";

const balance = 10n ** 21n;
const gasLimit = 30_000_000n;
const zeroHash: Hex = `0x${"00".repeat(32)}`;
const blockForks = ["homestead", "eip150", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin"];

const genesis = parseGethGenesis({
  config: {
    chainId: Number(chainId),
    ...Object.fromEntries([...blockForks, "london"].map((fork) => [`${fork}Block`, 0])),
    terminalTotalDifficulty: 0,
    shanghaiTime: 0,
  },
  gasLimit: `0x${gasLimit.toString(16)}`,
  alloc: { [alice.address]: { balance: `0x${balance.toString(16)}` } },
});

async function newOracle(): Promise<VM> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Shanghai });
  const stateManager = new MerkleStateManager({ common });
  await stateManager.checkpoint();
  await stateManager.putAccount(createAddressFromString(alice.address), createAccount({ balance }));
  await stateManager.commit();
  return createVM({ common, stateManager });
}

const byte = (value: number): Uint8Array => Uint8Array.of(value);
const push = fc.uint8Array({ minLength: 1, maxLength: 32 }).map((data) => Uint8Array.of(0x5f + data.length, ...data));
const small = fc.nat(3).map((value) => Uint8Array.of(0x60, value));
/** Code that mostly runs: opcodes of all kinds, with operands pushed before those that need some. */
const snippet = fc.oneof(
  { weight: 3, arbitrary: push },
  {
    weight: 3,
    arbitrary: fc.tuple(small, small, fc.constantFrom(0x01, 0x04, 0x0a, 0x10, 0x1b, 0x20, 0x52, 0x55)).map(joined),
  },
  { weight: 3, arbitrary: fc.tuple(small, small).map(([value, slot]) => joined([value, slot, 0x55])) },
  { weight: 1, arbitrary: small.map((slot) => Buffer.concat([slot, byte(0x54)])) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0x30, 0x33, 0x34, 0x36, 0x3a, 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x5a, 0x5f).map(byte),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "60206000a0",
        "600060206000a1",
        "3d60006000f0",
        "6000600060006000600073",
        "3331ff",
        "60006000fd",
        "fe",
        "00",
      )
      .map(fromText),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map(byte) },
);
function joined([a, b, opcode]: readonly [Uint8Array, Uint8Array, number]): Uint8Array {
  return Buffer.concat([a, b, byte(opcode)]);
}
function fromText(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}
const code = fc.array(snippet, { minLength: 1, maxLength: 30 }).map((parts) => new Uint8Array(Buffer.concat(parts)));

/** Init code that returns `runtime`. */
function deploying(runtime: Uint8Array): Uint8Array {
  const length = runtime.length;
  // PUSH2 length, DUP1, PUSH1 11, PUSH0, CODECOPY, PUSH0, RETURN
  const head = Uint8Array.of(0x61, length >> 8, length & 0xff, 0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3);
  return Buffer.concat([head, runtime]);
}

/** What a transaction of alice does; `pick` chooses among the contracts deployed so far. */
interface Step {
  readonly to: "bob" | "contract" | "new";
  readonly pick: number;
  readonly value: bigint;
  readonly data: Uint8Array;
}
const value = fc.bigInt(0n, 3n);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ to: fc.constant("bob" as const), pick: fc.constant(0), value, data: fc.constant(byte(0)) }),
  fc.record({
    to: fc.constant("new" as const),
    pick: fc.constant(0),
    value: fc.constant(0n),
    data: code.map(deploying),
  }),
  fc.record({ to: fc.constant("new" as const), pick: fc.constant(0), value, data: code }),
  fc.record({ to: fc.constant("contract" as const), pick: fc.nat(), value, data: fc.uint8Array({ maxLength: 40 }) }),
);

/** Signs steps as alice, nonce by nonce, and remembers what they deploy. */
function newSigner(): (next: Step) => Promise<Hex> {
  const deployed: Address[] = [bob];
  let nonce = 0;
  return ({ to, pick, value: amount, data }) => {
    const target = to === "new" ? {} : { to: to === "bob" ? bob : deployed[pick % deployed.length]! };
    if (to === "new") deployed.push(getContractAddress({ from: alice.address, nonce: BigInt(nonce) }));
    return alice.signTransaction({
      type: "eip1559",
      chainId: Number(chainId),
      nonce: nonce++,
      gas: 400_000n,
      maxFeePerGas: 10n ** 11n,
      maxPriorityFeePerGas: 1n,
      value: amount,
      data: toHex(data),
      ...target,
    });
  };
}

const attributes = (number: number): PureAttributes => ({
  timestamp: 12n * BigInt(number),
  coinbase: bob,
  prevRandao: zeroHash,
  gasLimit,
  extraData: "0x",
  parentBeaconBlockRoot: zeroHash,
  withdrawals: [{ index: BigInt(number), validatorIndex: 0n, address: bob, amount: 1n }],
});

test("random blocks have the roots, receipts and gas that ethereumjs computes", async (t) => {
  const folder = temporaryFolder();
  const mvm = await openMvm({ dataDir: folder.path, genesis });
  t.after(async () => {
    await mvm.close();
    folder.remove();
  });
  const oracle = await newOracle();
  const sign = newSigner();
  const file = join(folder.path, "block.rlp");
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const blocks = fc.sample(fc.array(step, { minLength: 4, maxLength: 12 }), { seed, numRuns: 12 });
  for (const [i, steps] of blocks.entries()) {
    const transactions: Hex[] = [];
    for (const next of steps) transactions.push(await sign(next));
    const built = await mvm.reader.buildBlock(attributes(i + 1), transactions, "latest");
    assert.deepEqual(built.skipped, []);
    const bytes = hexToBytes(built.blockRlp);
    await runBlock(oracle, {
      block: createBlockFromRLP(bytes, { common: oracle.common }),
      skipBlockValidation: true,
    });
    writeFileSync(file, bytes);
    await mvm.importFile(file);
    assert.equal(mvm.head().hash, built.hash);
  }
});
