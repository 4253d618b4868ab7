import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createBlock } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { createLegacyTx } from "@ethereumjs/tx";
import { bytesToHex, createAccount, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";
import fc from "fast-check";
import type { Address, Hex } from "viem";
import type { Mvm } from "./api.ts";
import { openMvm } from "./mvm.ts";
import { alice, chainId, rollupGenesis } from "./testing/rollup.ts";

/** Programs call each other here; each has 5 wei and nonce 1. */
const places = ["c1", "c2", "c3"].map((end): Address => `0x${"00".repeat(19)}${end}`);
const gasLimit = 150_000n;

interface Entry {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly depth: number;
  readonly stack: readonly string[];
  readonly refund?: number;
}

interface Frame {
  readonly type: string;
  readonly input: Hex;
  readonly value?: Hex;
  readonly gas: Hex;
  readonly error?: string;
  readonly calls?: readonly Frame[];
}

/** A call, and the depth it is made at. */
interface Made {
  readonly depth: number;
  readonly isCreation: boolean;
  readonly input: string;
  readonly gas: number;
}

interface Run {
  readonly entries: readonly Entry[];
  readonly frames: readonly Made[];
  readonly gas: number;
  readonly output: string;
  /** A frame failed. */
  readonly failed?: boolean;
}

const byte = (value: number): string => value.toString(16).padStart(2, "0");
const push = (value: number): string => (value < 256 ? `60${byte(value)}` : `61${value.toString(16).padStart(4, "0")}`);

const small = fc.integer({ min: 0, max: 40 });
const place = fc.constantFrom(...places.map((address) => `73${address.slice(2)}`), push(4), "61dead");
const amount = fc.constantFrom(0, 0, 0, 1, 9);
const gas = fc.constantFrom("5a", "612710", "60c8");

/** Pieces that leave the stack as they found it or higher; each brings its own operands. */
const piece = fc.oneof(
  fc
    .tuple(small, small, fc.constantFrom("01", "02", "03", "04", "06", "0a", "10", "14", "16", "1b"))
    .map(([a, b, code]) => push(a) + push(b) + code),
  fc.tuple(small, small).map(([value, at]) => `${push(value)}${push(at * 7)}52`),
  fc.tuple(small, small).map(([value, at]) => `${push(value)}${push(at * 50)}53`),
  small.map((at) => `${push(at)}51`),
  fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(1, 2)).map(([value, slot]) => `${push(value)}${push(slot)}55`),
  fc.constantFrom("600154", "600254", "600354"),
  fc.tuple(small, fc.constantFrom(1, 2)).map(([value, slot]) => `${push(value)}${push(slot)}5d`),
  fc.constantFrom("60015c", "59", "5a", "38", "3d", "36", "30", "33", "34", "58", "5b", "365f5f37"),
  fc.tuple(small, small).map(([length, at]) => `${push(length)}${push(at)}20`),
  fc.tuple(small, small, small).map(([length, from, to]) => `${push(length)}${push(from)}${push(to)}5e`),
  small.map((length) => `${push(7)}${push(length)}5fa1`),
  place.map((address) => `${address}31`),
  place.map((address) => `${address}3b`),
  fc
    .tuple(gas, place, amount, small, small, fc.constantFrom("f1", "f2"))
    .map(([limit, to, value, input, output, code]) =>
      [push(output), "5f", push(input), "5f", push(value), to, limit, code].join(""),
    ),
  fc
    .tuple(gas, place, small, small, fc.constantFrom("f4", "fa"))
    .map(([limit, to, input, output, code]) => [push(output), "5f", push(input), "5f", to, limit, code].join("")),
  // Init code in memory: returns one byte 0x5b, or reverts, or runs out of gas.
  fc
    .tuple(fc.constantFrom("60016000f3", "5f5ffd", "5b5f56"), amount, fc.constantFrom(false, true))
    .map(([init, value, isSecond]) => {
      const size = init.length / 2;
      const store = `${byte(0x5f + size)}${init}5f52`;
      return `${store}${isSecond ? "6007" : ""}${push(size)}${push(32 - size)}${push(value)}${isSecond ? "f5" : "f0"}`;
    }),
);

const ending = fc.oneof(
  fc.constantFrom("", "00", "5f5ff3", "60205ff3", "60045ffd", "62ffffff51", "fe"),
  place.map((address) => `${address}ff`),
);

const program = fc
  .tuple(fc.array(piece, { maxLength: 25 }), ending)
  // Past the end of code geth shows a STOP, as this kernel does; ethereumjs shows none.
  .map(([pieces, end]): Hex => `0x${pieces.join("")}${end}00`);

async function oracle(codes: readonly Hex[]): Promise<Run> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Prague });
  const vm = await createVM({ common });
  await vm.stateManager.putAccount(
    createAddressFromString(alice.address),
    createAccount({ balance: 10n ** 21n, nonce: 0n }),
  );
  for (const [index, code] of codes.entries()) {
    const address = createAddressFromString(places[index]!);
    await vm.stateManager.putAccount(address, createAccount({ balance: 5n, nonce: 1n }));
    await vm.stateManager.putCode(address, hexToBytes(code));
  }
  const entries: Entry[] = [];
  const frames: Made[] = [];
  vm.evm.events!.on("step", ({ pc, opcode, gasLeft, gasRefund, depth, stack }, next) => {
    const shown = stack.map((word) => `0x${word.toString(16)}`);
    entries.push({
      pc,
      op: opcode.name,
      gas: Number(gasLeft),
      depth: depth + 1,
      stack: shown,
      refund: Number(gasRefund),
    });
    next?.();
  });
  vm.evm.events!.on("beforeMessage", ({ depth, to, data, gasLimit: limit }, next) => {
    frames.push({ depth, isCreation: to === undefined, input: bytesToHex(data), gas: Number(limit) });
    next?.();
  });
  const to = createAddressFromString(places[0]!);
  const tx = createLegacyTx({ nonce: 0n, gasPrice: 0n, gasLimit, to, value: 3n, data: "0x01020304" }, { common });
  const block = createBlock({ header: { number: 1n, gasLimit: 30_000_000n, baseFeePerGas: 0n } }, { common });
  const result = await runTx(vm, { tx: tx.sign(hexToBytes(`0x${"11".repeat(32)}`)), block });
  const { exceptionError, returnValue } = result.execResult;
  const hasOutput = exceptionError === undefined || exceptionError.error === "revert";
  return { entries, frames, gas: Number(result.totalGasSpent), output: hasOutput ? bytesToHex(returnValue) : "0x" };
}

let mvm: Mvm;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "metis-oracle-"));
  mvm = await openMvm({ dataDir: folder, genesis: rollupGenesis() });
});
after(async () => {
  await mvm.close();
  rmSync(folder, { recursive: true, force: true });
});

/** geth shows self-destructions as frames, and calls without the funds for their value; ethereumjs does not. */
const made = (frame: Frame, depth: number): Made[] =>
  frame.type === "SELFDESTRUCT" || frame.error === "insufficient balance for transfer"
    ? []
    : [
        { depth, isCreation: frame.type.startsWith("CREATE"), input: frame.input, gas: Number(frame.gas) },
        ...(frame.calls ?? []).flatMap((call) => made(call, depth + 1)),
      ];

async function ours(codes: readonly Hex[]): Promise<Run> {
  const stateOverrides = Object.fromEntries(
    codes.map((code, index) => [places[index]!, { code, balance: 5n, nonce: 1n }]),
  );
  const call = { from: alice.address.toLowerCase() as Address, to: places[0]!, gas: gasLimit, value: 3n } as const;
  const request = { ...call, data: "0x01020304" } as const;
  const trace = (options: object): Promise<unknown> =>
    mvm.reader.traceCall(request, "latest", options, { stateOverrides });
  const logs = (await trace({ disableStorage: true })) as { gas: number; returnValue: string; structLogs: Entry[] };
  const tree = (await trace({ tracer: "callTracer" })) as Frame;
  const frames = made(tree, 0);
  return { entries: logs.structLogs, frames, gas: logs.gas, output: logs.returnValue, failed: hasFailed(tree) };
}

const hasFailed = ({ error, calls = [] }: Frame): boolean => error !== undefined || calls.some(hasFailed);

/** What both tell of an instruction. ethereumjs goes on counting refunds of frames that failed. */
const comparable =
  (withRefund: boolean) =>
  ({ pc, op, gas: left, depth, stack, refund = 0 }: Entry): object => ({
    pc,
    op,
    gas: left,
    depth,
    stack,
    ...(withRefund ? { refund } : {}),
  });

test("instructions, gas, refunds and frames of random programs are those of ethereumjs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(program, program, program), async (codes) => {
      const [theirs, mine] = await Promise.all([oracle(codes), ours(codes)]);
      const shown = comparable(!mine.failed);
      assert.deepEqual(mine.entries.map(shown), theirs.entries.map(shown));
      assert.deepEqual(mine.frames.slice(1), theirs.frames.slice(1));
      assert.equal(mine.gas, theirs.gas);
      assert.equal(mine.output, theirs.output);
    }),
    { numRuns: 40 },
  );
});
