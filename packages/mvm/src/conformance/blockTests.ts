import { decodeRlp, encodeRlp, type RlpItem } from "@metis/protocol";
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { importedTransactions } from "../executor/imported.ts";
import { encodeGenesis } from "../genesis.ts";
import { pureChainConfig } from "../gethGenesis.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { orderedRoot } from "../trie/ordered.ts";
import { importBlockRequest } from "../wire/requests.ts";
import { readSealed } from "../wire/sealed.ts";
import { ChainApart, KernelsApart } from "./apart.ts";
import { isExpected } from "./exceptions.ts";
import { allocOf, causeText, fixturesIn, MalformedFixture, type FixtureAccount } from "./fixtures.ts";
import { MemoryHost } from "./memoryHost.ts";
import { configurationOf, type FixtureConfig } from "./networks.ts";

interface FixtureBlock {
  readonly rlp: Hex;
  readonly expectException?: string;
}

interface BlockFixture {
  readonly network: string;
  readonly genesisRLP: Hex;
  readonly genesisBlockHeader: Readonly<Record<string, Hex>>;
  readonly pre: Readonly<Record<Hex, FixtureAccount>>;
  readonly blocks: readonly FixtureBlock[];
  readonly lastblockhash: Hex;
  readonly config?: FixtureConfig;
}

/** One line of `metis blocktest --json`. */
export interface BlockTestResult {
  readonly name: string;
  readonly fork: string;
  readonly pass: boolean;
  readonly lastBlockHash: Hex;
  readonly stateRoot: Hex;
  /** Why it failed. */
  readonly error?: string;
}

const zeroWord: Hex = `0x${"00".repeat(32)}`;
const stateRootField = 3;
const transactionsRootField = 4;

const fieldsOf = (rlp: Uint8Array): readonly RlpItem[] => decodeRlp(rlp) as readonly RlpItem[];

/** How many blocks their roots may stay behind, where a test computes them apart. */
const distance = 2;

/** A chain that grows by imported blocks: each at once, and its roots apart from its execution. */
class TestChain {
  readonly #host = new MemoryHost();
  readonly #kernel: Kernel;
  readonly #headers: Uint8Array[] = [];
  readonly #apart: ChainApart;

  constructor(module: WebAssembly.Module, apart: KernelsApart, fixture: BlockFixture) {
    const hashes = (number: bigint): Uint8Array | undefined => {
      const header = this.#headers[Number(number)];
      return header && keccak256(header, "bytes");
    };
    this.#host.blockHashes = hashes;
    this.#kernel = new Kernel(module, this.#host);
    const configuration = configurationOf(fixture.network, fixture.config ?? {});
    this.#kernel.request("configure", configuration);
    const answer = this.#kernel.request("genesis", genesisRequest(fixture));
    const genesis = readSealed(answer);
    this.#host.apply(genesis.changes);
    this.#apart = new ChainApart(apart, configuration, answer, { hashes, distance });
    this.#headers.push(encodeRlp(fieldsOf(fromHex(fixture.genesisRLP))[0]!));
    if (toHex(genesis.hash) !== this.hash) throw new Error(`the genesis hash is ${toHex(genesis.hash)}`);
  }

  get #head(): Uint8Array {
    return this.#headers.at(-1)!;
  }

  get hash(): Hex {
    return keccak256(this.#head);
  }

  get stateRoot(): Hex {
    return toHex(fieldsOf(this.#head)[stateRootField] as Uint8Array);
  }

  /** Appends a block. Throws `MvmError` with the kernel's code when it is invalid. */
  import(block: Uint8Array): void {
    const answer = this.#kernel.request("import_block", importBlockRequest(this.#head, block));
    const sealed = readSealed(answer);
    this.#host.apply(sealed.changes);
    this.#headers.push(Uint8Array.from(sealed.headerRlp));
    this.#apart.import(block, answer);
  }

  /** Computes the roots that are still missing. Throws when a block came to something else apart than at once. */
  finish(): void {
    this.#apart.finish();
  }
}

function genesisRequest({ genesisBlockHeader: header, pre }: BlockFixture): Uint8Array {
  const { baseFeePerGas, excessBlobGas, blobGasUsed, parentBeaconBlockRoot } = header;
  return encodeGenesis({
    chainConfig: pureChainConfig(1n, 0n),
    alloc: allocOf(pre),
    header: {
      timestamp: BigInt(header["timestamp"]!),
      gasLimit: BigInt(header["gasLimit"]!),
      extraData: header["extraData"]!,
      coinbase: header["coinbase"]!,
      mixHash: header["mixHash"]!,
      difficulty: BigInt(header["difficulty"]!),
      nonce: header["nonce"]!,
      ...(baseFeePerGas === undefined ? {} : { baseFeePerGas: BigInt(baseFeePerGas) }),
      ...(excessBlobGas === undefined ? {} : { excessBlobGas: BigInt(excessBlobGas) }),
      ...(blobGasUsed === undefined ? {} : { blobGasUsed: BigInt(blobGasUsed) }),
      ...(parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot }),
    },
  });
}

/** The kernel's refusal of a block; `undefined`: it is imported. */
function refusalOf(chain: TestChain, block: Uint8Array): MvmError | undefined {
  try {
    chain.import(block);
    return undefined;
  } catch (error) {
    if (error instanceof MvmError && error.code !== "kernel-trap") return error;
    throw error;
  }
}

/** The block with a header that names the transactions it holds. */
function withTransactionsRoot(block: Uint8Array): Uint8Array {
  const [header, ...body] = fieldsOf(block);
  const root = orderedRoot(importedTransactions(block));
  return encodeRlp([(header as readonly RlpItem[]).with(transactionsRootField, root), ...body]);
}

/** Why a block did not behave as the fixture says; `undefined`: it did. */
function misbehaviour(chain: TestChain, { rlp, expectException: expected }: FixtureBlock): string | undefined {
  const block = fromHex(rlp);
  const refusal = refusalOf(chain, block);
  if (refusal === undefined) return expected === undefined ? undefined : `imported, expected ${expected}`;
  const why = `${refusal.code}: ${refusal.message}`;
  if (expected === undefined) return why;
  if (isExpected(expected, refusal.code)) return undefined;
  // Where a tool left the bad transaction out of the header, that comes first; put right, the block shows the reason meant.
  const isLeftOut = refusal.code === "wrong-transactions-root" && expected.includes("TransactionException.");
  const meant = isLeftOut ? refusalOf(chain, withTransactionsRoot(block)) : undefined;
  return meant !== undefined && isExpected(expected, meant.code) ? undefined : `${why}, expected ${expected}`;
}

const broken = (error: string) => ({ pass: false, lastBlockHash: zeroWord, stateRoot: zeroWord, error });

function judge(
  module: WebAssembly.Module,
  apart: KernelsApart,
  fixture: BlockFixture,
): Omit<BlockTestResult, "name" | "fork"> {
  try {
    const chain = new TestChain(module, apart, fixture);
    const errors = fixture.blocks.flatMap((block, index) => {
      const why = misbehaviour(chain, block);
      return why === undefined ? [] : [`block ${index}: ${why}`];
    });
    chain.finish();
    const pass = errors.length === 0 && chain.hash === fixture.lastblockhash;
    const error = errors.length === 0 ? {} : { error: errors.join("; ") };
    return { pass, lastBlockHash: chain.hash, stateRoot: chain.stateRoot, ...error };
  } catch (cause) {
    return broken(causeText(cause));
  }
}

/**
 * Runs the Ethereum blockchain tests in the files and folders `paths` on mvm.wasm; each goes to `sink`.
 * Returns how many there were and how many failed.
 */
export async function runBlockTests(
  paths: readonly string[],
  sink: (result: BlockTestResult) => void,
): Promise<{ readonly total: number; readonly failed: number }> {
  const module = await loadKernelModule();
  const apart = new KernelsApart(module);
  let total = 0;
  let failed = 0;
  for await (const [name, fixture] of fixturesIn<BlockFixture>(paths, ["pre", "genesisBlockHeader", "blocks"])) {
    const isMalformed = fixture instanceof MalformedFixture;
    const verdict = isMalformed ? broken(fixture.why) : judge(module, apart, fixture);
    const result = { name, fork: isMalformed ? "" : fixture.network, ...verdict };
    total++;
    if (!result.pass) failed++;
    sink(result);
  }
  return { total, failed };
}
