// Compute loops: mvm.wasm beside native revm, anvil and ethereumjs.
import { createEVM } from "@ethereumjs/evm";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { encodeRlp, type RlpInput } from "@metis/protocol";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { numberToHex } from "viem/utils";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { configurationOf } from "../conformance/networks.ts";
import { encodeGenesis } from "../genesis.ts";
import { pureChainConfig } from "../gethGenesis.ts";
import { Kernel, loadKernelModule, recoverKey } from "../kernel/index.ts";
import { addRequest } from "../wire/requests.ts";
import { readAdded } from "../wire/responses.ts";
import { readSealed } from "../wire/sealed.ts";
import { Anvil } from "./anvil.ts";
import { computeLoops, type Loop } from "./loops.ts";
import { Native } from "./native.ts";
import { threadCpu } from "./processes.ts";
import { geometricMean, median, progress, type Row, type Section } from "./report.ts";

/** The last fork that lets one transaction use as much gas as these do. */
const fork = "Prague";
const zeroWord: Hex = `0x${"00".repeat(32)}`;
const zeroAddress: Hex = `0x${"00".repeat(20)}`;
const caller = privateKeyToAccount(`0x${"22".repeat(32)}`);
const blockGas = 2_000_000_000n;

interface Timed {
  readonly cpu: number;
  readonly gasUsed: bigint;
}

const contractOf = (index: number): Hex => numberToHex(0xc000 + index, { size: 20 });

/** Runs a loop as a transaction in mvm.wasm; nothing is kept. */
type Run = (index: number) => Timed;

function header(stateRoot: Uint8Array): Uint8Array {
  const roots: RlpInput[] = [zeroWord, zeroWord, zeroAddress, stateRoot, zeroWord, zeroWord, new Uint8Array(256)];
  const numbers: RlpInput[] = [0n, 1n, blockGas, 0n, 1n];
  const rest: RlpInput[] = ["0x", zeroWord, new Uint8Array(8), 0n, zeroWord, 0n, 0n, zeroWord, zeroWord];
  return encodeRlp([...roots, ...numbers, ...rest]);
}

async function onKernel(loops: readonly Loop[]): Promise<Run> {
  const host = Object.assign(new MemoryHost(), { ecrecover: recoverKey });
  const kernel = new Kernel(await loadKernelModule(), host);
  const blobs = { target: "6", max: "9", baseFeeUpdateFraction: "5007716" };
  kernel.request("configure", configurationOf(fork, { blobSchedule: { [fork]: blobs } }));
  const alloc = Object.fromEntries(loops.map(({ code }, i) => [contractOf(i), { nonce: 1n, balance: 0n, code }]));
  const start = {
    timestamp: 0n,
    gasLimit: blockGas,
    extraData: "0x",
    coinbase: zeroAddress,
    mixHash: zeroWord,
  } as const;
  const request = encodeGenesis({ chainConfig: pureChainConfig(1n, 0n), alloc, header: start });
  const genesis = readSealed(kernel.request("genesis", request));
  host.apply(genesis.changes);
  const transactions = await Promise.all(
    loops.map(({ calldata, gas }, i) =>
      caller.signTransaction({ type: "legacy", chainId: 1, to: contractOf(i), data: calldata, gas, gasPrice: 0n }),
    ),
  );
  return (index) => {
    kernel.request("open_bare", header(genesis.stateRoot));
    const before = threadCpu();
    const offer = { transaction: transactions[index]!, sender: undefined };
    const [added] = readAdded(kernel.request("add_transactions", addRequest([offer])));
    const cpu = threadCpu() - before;
    kernel.request("discard_block", new Uint8Array());
    if (!added!.included) throw new Error(`mvm: ${loops[index]!.name}: ${added!.reason.message}`);
    return { cpu, gasUsed: added!.gasUsed };
  };
}

/** Milliseconds of each call in anvil, which is native revm behind JSON-RPC. */
async function onAnvil(loops: readonly Loop[], rounds: number): Promise<number[] | undefined> {
  const limits = ["--gas-limit", String(blockGas), "--base-fee", "0", "--hardfork", fork.toLowerCase()];
  const anvil = await Anvil.start(limits);
  if (anvil === undefined) return undefined;
  try {
    const times: number[] = [];
    for (const [i, { code, calldata, gas }] of loops.entries()) {
      await anvil.rpc([{ method: "anvil_setCode", params: [contractOf(i), code] }]);
      const request = { from: caller.address, to: contractOf(i), data: calldata, gas: numberToHex(gas) };
      const call = { method: "eth_call", params: [request, "latest"] };
      await anvil.rpc([call]);
      const laps: number[] = [];
      for (let round = 0; round < rounds; round++) {
        anvil.meter.lap();
        await anvil.rpc([call]);
        laps.push(anvil.meter.lap());
      }
      times.push(median(laps));
    }
    return times;
  } finally {
    await anvil.stop();
  }
}

/** Milliseconds for each million gas in @ethereumjs/evm, from shorter calls. */
async function onEthereumjs(loops: readonly Loop[]): Promise<number[]> {
  const common = createCustomCommon({ chainId: 1 }, Mainnet, { hardfork: Hardfork.Prague });
  const rates: number[] = [];
  for (const { name, code, short, gas } of loops) {
    if (name === "SnailTracer") {
      rates.push(Number.NaN);
      continue;
    }
    const evm = await createEVM({ common });
    const to = createAddressFromString(contractOf(0));
    await evm.stateManager.putCode(to, hexToBytes(code));
    const before = threadCpu();
    const { execResult } = await evm.runCall({ to, data: hexToBytes(short), gasLimit: gas });
    const cpu = threadCpu() - before;
    if (execResult.exceptionError) throw new Error(`ethereumjs: ${name}: ${execResult.exceptionError.error}`);
    rates.push(cpu / (Number(execResult.executionGasUsed) / 1e6));
  }
  return rates;
}

interface Measured {
  readonly gasUsed: bigint;
  readonly wasm: number;
  readonly revm: number | undefined;
  readonly kernel: number | undefined;
}

/** Interleaved: each round runs every engine once, so that what disturbs the machine disturbs all of them. */
async function interleaved(
  loop: Loop,
  index: number,
  run: Run,
  native: Native | undefined,
  rounds: number,
): Promise<Measured> {
  const id = `loop${index}`;
  native?.add(loop, id);
  for (let i = 0; i < 3; i++) run(index);
  const wasm: number[] = [];
  const revm: number[] = [];
  const kernel: number[] = [];
  let gasUsed = 0n;
  for (let round = 0; round < rounds; round++) {
    const timed = run(index);
    gasUsed = timed.gasUsed;
    wasm.push(timed.cpu);
    if (native === undefined) continue;
    const there = await native.run("revm", id);
    if (there.gasUsed !== gasUsed)
      throw new Error(`${loop.name}: ${gasUsed} gas here, ${there.gasUsed} in native revm`);
    revm.push(there.cpu);
    kernel.push((await native.run("kernel", id)).cpu);
  }
  const of = (values: readonly number[]): number | undefined => (values.length === 0 ? undefined : median(values));
  return { gasUsed, wasm: median(wasm), revm: of(revm), kernel: of(kernel) };
}

/** Goal of the geometric mean over the loops that come with the bench. */
const goal = 1.6;

/** The compute loops. `snailTracer`: path of that contract's runtime code, if it is to be measured too. */
export async function compute(rounds: number, snailTracer: string | undefined): Promise<Section> {
  const loops = computeLoops(snailTracer);
  progress("compute: building native revm (the first time takes a minute or two)");
  const native = Native.start();
  const run = await onKernel(loops);
  const measured: Measured[] = [];
  for (const [i, loop] of loops.entries()) {
    progress(`compute: ${loop.name}`);
    measured.push(await interleaved(loop, i, run, native, rounds));
  }
  await native?.stop();
  progress("compute: anvil and ethereumjs");
  const anvil = await onAnvil(loops, rounds);
  const ethereumjs = await onEthereumjs(loops);
  const rows = measured.map(({ gasUsed, wasm, revm, kernel }, i): Row => {
    const baseline = revm ?? anvil?.[i];
    const js = (ethereumjs[i]! * Number(gasUsed)) / 1e6;
    return {
      loop: loops[i]!.name,
      Mgas: Number(gasUsed) / 1e6,
      "mvm.wasm ms": wasm,
      "native revm ms": revm,
      "anvil ms": anvil?.[i],
      "ethereumjs ms": Number.isNaN(js) ? undefined : js,
      "mvm/native": revm && wasm / revm,
      "crate native/revm": revm && kernel && kernel / revm,
      "mvm/anvil": anvil && wasm / anvil[i]!,
      "ethereumjs/native": baseline === undefined || Number.isNaN(js) ? undefined : js / baseline,
    };
  });
  return { name: "compute", title: "Compute loops: processor time of one call", rows, notes: notesOn(measured, anvil) };
}

function notesOn(measured: readonly Measured[], anvil: readonly number[] | undefined): string[] {
  const against = (others: readonly (number | undefined)[]): string =>
    geometricMean(measured.map(({ wasm }, i) => wasm / others[i]!)).toFixed(2);
  const notes: string[] = [];
  if (measured[0]!.revm === undefined)
    notes.push("cargo is not installed: no native revm, anvil's eth_call stands for it.");
  else {
    const mean = against(measured.map(({ revm }) => revm));
    notes.push(
      `Geometric mean against native revm: ${mean} (goal ${goal}: ${Number(mean) <= goal ? "reached" : "missed"}).`,
    );
  }
  if (anvil !== undefined) notes.push(`Geometric mean against anvil's eth_call: ${against(anvil)}.`);
  return notes;
}
