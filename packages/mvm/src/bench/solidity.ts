// The bench's contracts, compiled when it runs: a few seconds, and nothing generated is kept.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Hex } from "viem";

export interface Compiled {
  /** What a transaction deploys; constructor arguments go behind it. */
  readonly creation: Hex;
  /** What stands in an account. */
  readonly runtime: Hex;
}

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

interface CompiledContract {
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
  };
}

/** As the repository's foundry.toml says. */
const settings = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: "osaka",
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

/** Contracts of solidity/`file`, by name. Throws the compiler's first error. */
export function compile(file: string): Readonly<Record<string, Compiled>> {
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const content = readFileSync(new URL(`./solidity/${file}`, import.meta.url), "utf8");
  const input = { language: "Solidity", sources: { [file]: { content } }, settings };
  const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  const error = errors.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(error.formattedMessage);
  const compiled = Object.entries(contracts[file]!).map(([name, { evm }]) => [
    name,
    { creation: `0x${evm.bytecode.object}`, runtime: `0x${evm.deployedBytecode.object}` },
  ]);
  return Object.fromEntries(compiled) as Record<string, Compiled>;
}
