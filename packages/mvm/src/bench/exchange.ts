// Swaps on a constant-product exchange, the bench's own and Uniswap's.
import { createRequire } from "node:module";
import { zeroAddress, type Address, type Hex } from "viem";
import {
  encodeAbiParameters,
  encodeFunctionData,
  encodePacked,
  getCreate2Address,
  keccak256,
  parseAbi,
} from "viem/utils";
import { compile } from "./solidity.ts";
import type { Signed, Wallets } from "./wallets.ts";
import {
  call,
  callBlocks,
  deploy,
  maker,
  share,
  supply,
  times,
  tokenAbi,
  transferCall,
  type Size,
  type Workload,
} from "./workload.ts";

const exchangeAbi = parseAbi([
  "function create(address token0, address token1)",
  "function sync()",
  "function swap(uint256 paid, uint256 least, address[] path, address to, uint256 deadline)",
]);
const swapPaid = 10n ** 15n;
const forEver = 2n ** 64n;

/** Swaps through a router on a constant-product pair (solidity/Exchange.sol), back and forth. */
export async function swaps(wallets: Wallets, size: Size): Promise<Workload> {
  const { Token, Pair, Router } = compile("Exchange.sol");
  const tokenSupply = encodeAbiParameters([{ type: "uint256" }], [supply]);
  const tokens = await times(2, () => deploy(wallets, Token!.creation, tokenSupply));
  const router = await deploy(wallets, Router!.creation);
  const [low, high] = tokens.map(({ address }) => address).toSorted() as [Address, Address];
  const salt = keccak256(encodePacked(["address", "address"], [low, high]));
  const pair = getCreate2Address({ from: router.address, salt, bytecode: Pair!.creation });
  const createPair = encodeFunctionData({ abi: exchangeAbi, functionName: "create", args: [low, high] });
  const made = await wallets.sign(maker, { to: router.address, data: createPair, gas: 6_000_000n });
  const liquidity = await times(2, (i) => call(wallets, maker, tokens[i]!.address, transferCall(pair, 10n ** 27n)));
  const synced = await call(wallets, maker, pair, encodeFunctionData({ abi: exchangeAbi, functionName: "sync" }));
  const shares = await holdings(wallets, [low, high], router.address);
  const { warmUp, blocks } = await callBlocks(wallets, size, (i, wallet) => {
    const path = Math.floor(i / wallets.addresses.length) % 2 === 0 ? [low, high] : [high, low];
    const args = [swapPaid, 0n, path, wallets.addresses[wallet]!, forEver] as const;
    return {
      to: router.address,
      data: encodeFunctionData({ abi: exchangeAbi, functionName: "swap", args }),
      gas: 250_000n,
    };
  });
  const setUp = [...tokens.map(({ transaction }) => transaction), router.transaction, made];
  return { name: "swaps", before: [setUp, [...liquidity, synced], shares, warmUp], blocks };
}

/** Gives every wallet both tokens and lets the router take them. */
async function holdings(wallets: Wallets, tokens: readonly Address[], router: Address): Promise<Signed[]> {
  const approve = encodeFunctionData({ abi: tokenAbi, functionName: "approve", args: [router, 2n ** 256n - 1n] });
  const signed: Signed[] = [];
  for (const token of tokens)
    for (const [wallet, address] of wallets.addresses.entries()) {
      if (wallet !== maker) signed.push(await call(wallets, maker, token, transferCall(address, share)));
      signed.push(await call(wallets, wallet, token, approve));
    }
  return signed;
}

const uniswapAbi = parseAbi([
  "function addLiquidity(address a, address b, uint256 x, uint256 y, uint256 leastX, uint256 leastY, address to, uint256 deadline)",
  "function swapExactTokensForTokens(uint256 paid, uint256 least, address[] path, address to, uint256 deadline)",
]);

/**
 * The same swaps on Uniswap v2 itself, whose licence keeps it out of this repository: from `folder`, where its packages
 * @uniswap/v2-core and @uniswap/v2-periphery are installed.
 */
export async function uniswapSwaps(wallets: Wallets, size: Size, folder: string): Promise<Workload> {
  const require = createRequire(`${folder}/`);
  const codeOf = (file: string): Hex => {
    const { bytecode, evm } = require(file) as { bytecode?: string; evm?: { bytecode: { object: string } } };
    return `0x${(bytecode ?? evm!.bytecode.object).replace(/^0x/, "")}`;
  };
  const addresses = (...values: readonly Address[]): Hex =>
    encodeAbiParameters(
      values.map(() => ({ type: "address" })),
      values,
    );
  const { Token } = compile("Exchange.sol");
  const factory = await deploy(wallets, codeOf("@uniswap/v2-core/build/UniswapV2Factory.json"), addresses(zeroAddress));
  const routerCode = codeOf("@uniswap/v2-periphery/build/UniswapV2Router02.json");
  const router = await deploy(wallets, routerCode, addresses(factory.address, zeroAddress));
  const tokenSupply = encodeAbiParameters([{ type: "uint256" }], [supply]);
  const made = await times(2, () => deploy(wallets, Token!.creation, tokenSupply));
  const [a, b] = made.map(({ address }) => address) as [Address, Address];
  const shares = await holdings(wallets, [a, b], router.address);
  const liquidity = 10n ** 27n;
  const args = [a, b, liquidity, liquidity, 0n, 0n, wallets.addresses[maker]!, forEver] as const;
  const data = encodeFunctionData({ abi: uniswapAbi, functionName: "addLiquidity", args });
  const added = await wallets.sign(maker, { to: router.address, data, gas: 4_000_000n });
  const { warmUp, blocks } = await callBlocks(wallets, size, (i, wallet) => {
    const path = Math.floor(i / wallets.addresses.length) % 2 === 0 ? [a, b] : [b, a];
    const swap = [swapPaid, 0n, path, wallets.addresses[wallet]!, forEver] as const;
    const input = encodeFunctionData({ abi: uniswapAbi, functionName: "swapExactTokensForTokens", args: swap });
    return { to: router.address, data: input, gas: 250_000n };
  });
  const setUp = [factory, router, ...made].map(({ transaction }) => transaction);
  return { name: "Uniswap v2 swaps", before: [setUp.slice(0, 2), setUp.slice(2), shares, [added], warmUp], blocks };
}
