import { decodeRlp, encodeRlp, type RlpItem } from "@metis/protocol";
import type { Hex } from "viem";
import { keccak256, stringToBytes } from "viem/utils";
import { toHex } from "../bytes.ts";
import { encodeGenesis } from "../genesis.ts";
import { pureChainConfig } from "../gethGenesis.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { addRequest, sealRequest } from "../wire/requests.ts";
import { readAdded } from "../wire/responses.ts";
import { readSealed, sealedReceipts, type SealedResponse } from "../wire/sealed.ts";
import { isExpected } from "./exceptions.ts";
import { allocOf, causeText, fixturesIn, MalformedFixture, type FixtureAccount } from "./fixtures.ts";
import { MemoryHost } from "./memoryHost.ts";
import { configurationOf, type FixtureConfig } from "./networks.ts";
import { prefixed, transactionOf, type FixtureIndexes, type FixtureTransaction } from "./transactions.ts";

interface Post {
  readonly hash: Hex;
  readonly logs: Hex;
  /** Absent in fixtures of some tools, which name a variant of the fixture's transaction alone. */
  readonly txbytes?: Hex;
  readonly indexes?: FixtureIndexes;
  readonly expectException?: string;
}

interface StateFixture {
  readonly env: Readonly<Record<string, Hex>>;
  readonly pre: Readonly<Record<Hex, FixtureAccount>>;
  readonly post: Readonly<Record<string, readonly Post[]>>;
  readonly transaction?: FixtureTransaction;
  readonly config?: FixtureConfig;
}

/** One line of `metis statetest --json`. */
export interface StateTestResult {
  readonly name: string;
  readonly fork: string;
  readonly index: number;
  readonly pass: boolean;
  readonly stateRoot: Hex;
  readonly logsHash: Hex;
  /** Why it failed, or why the transaction was refused. */
  readonly error?: string;
}

type Offer = Parameters<typeof addRequest>[0][number];

const zeroWord: Hex = `0x${"00".repeat(32)}`;
const zeroAddress: Hex = `0x${"00".repeat(20)}`;
const integer = (value: Hex | undefined): bigint => BigInt(value ?? 0);

/** The header a state test runs in: `env`, on the state `stateRoot`. */
function headerOf(env: StateFixture["env"], stateRoot: Uint8Array): Uint8Array {
  const fields = [
    [
      zeroWord,
      zeroWord,
      prefixed(env["currentCoinbase"] ?? zeroAddress),
      stateRoot,
      zeroWord,
      zeroWord,
      new Uint8Array(256),
    ],
    [integer(env["currentDifficulty"]), integer(env["currentNumber"]), integer(env["currentGasLimit"]), 0n],
    [integer(env["currentTimestamp"]), "0x" as const, env["currentRandom"] ?? zeroWord, new Uint8Array(8)],
    [integer(env["currentBaseFee"]), zeroWord, 0n, integer(env["currentExcessBlobGas"]), zeroWord, zeroWord],
  ];
  return encodeRlp(fields.flat());
}

function logsHash(sealed: SealedResponse): Hex {
  const logs = sealedReceipts(sealed).flatMap((bytes) => {
    const fields = decodeRlp(bytes[0]! < 0xc0 ? bytes.subarray(1) : bytes) as readonly RlpItem[];
    return fields[3] as readonly RlpItem[];
  });
  return keccak256(encodeRlp(logs));
}

/** Ethereum's state tests know no chain: a block's hash is the hash of its number in decimal. */
const stateTestBlockHash = (number: bigint): Uint8Array => keccak256(stringToBytes(number.toString()), "bytes");

function offerOf({ transaction, config }: StateFixture, { txbytes, indexes }: Post): Offer {
  if (txbytes !== undefined) return { transaction: txbytes, sender: undefined };
  if (transaction === undefined || indexes === undefined) throw new Error("it has neither txbytes nor a transaction");
  return transactionOf(transaction, indexes, BigInt(config?.chainid ?? 1));
}

function runOne(module: WebAssembly.Module, fixture: StateFixture, fork: string, post: Post) {
  const host = new MemoryHost();
  host.blockHashes = stateTestBlockHash;
  const kernel = new Kernel(module, host);
  kernel.request("configure", configurationOf(fork, fixture.config ?? {}));
  const genesis = readSealed(
    kernel.request(
      "genesis",
      encodeGenesis({
        chainConfig: pureChainConfig(1n, 0n),
        alloc: allocOf(fixture.pre),
        header: { timestamp: 0n, gasLimit: 0n, extraData: "0x", coinbase: zeroAddress, mixHash: zeroWord },
      }),
    ),
  );
  host.apply(genesis.changes);
  kernel.request("open_bare", headerOf(fixture.env, genesis.stateRoot));
  const [added] = readAdded(kernel.request("add_transactions", addRequest([offerOf(fixture, post)])));
  const sealed = readSealed(kernel.request("seal_block", sealRequest(undefined)));
  return { refusal: added!.included ? undefined : added!.reason, sealed };
}

const broken = (error: string) => ({ pass: false, stateRoot: zeroWord, logsHash: zeroWord, error });

function judge(module: WebAssembly.Module, fixture: StateFixture, fork: string, post: Post) {
  try {
    const { refusal, sealed } = runOne(module, fixture, fork, post);
    const stateRoot = toHex(sealed.stateRoot);
    const logs = logsHash(sealed);
    const refused =
      post.expectException === undefined
        ? refusal === undefined
        : refusal !== undefined && isExpected(post.expectException, refusal.code);
    const pass = refused && stateRoot === post.hash && logs === post.logs;
    const error = refusal === undefined ? {} : { error: `${refusal.code}: ${refusal.message}` };
    return { pass, stateRoot, logsHash: logs, ...error };
  } catch (cause) {
    return broken(causeText(cause));
  }
}

/**
 * Runs the Ethereum state tests in the files and folders `paths` on mvm.wasm; each subtest goes to `sink`.
 * Returns how many there were and how many failed.
 */
export async function runStateTests(
  paths: readonly string[],
  sink: (result: StateTestResult) => void,
): Promise<{ readonly total: number; readonly failed: number }> {
  const module = await loadKernelModule();
  let total = 0;
  let failed = 0;
  const count = (result: StateTestResult): void => {
    total++;
    if (!result.pass) failed++;
    sink(result);
  };
  for await (const [name, fixture] of fixturesIn<StateFixture>(paths, ["env", "pre", "post"])) {
    if (fixture instanceof MalformedFixture) {
      count({ name, fork: "", index: 0, ...broken(fixture.why) });
      continue;
    }
    for (const [fork, posts] of Object.entries(fixture.post)) {
      if (!Array.isArray(posts)) count({ name, fork, index: 0, ...broken("post is no list") });
      else
        for (const [index, post] of posts.entries())
          count({ name, fork, index, ...judge(module, fixture, fork, post) });
    }
  }
  return { total, failed };
}
