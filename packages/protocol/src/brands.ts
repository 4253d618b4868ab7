import type { Hex } from "viem";

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]?: Name };

/** Height of an L1 block. Never mixed with an L2 height. */
export type L1BlockNumber = Brand<bigint, "L1BlockNumber">;
/** Height of an L2 block. */
export type L2BlockNumber = Brand<bigint, "L2BlockNumber">;
/** Epoch of the sequencer pool, counted in L1 blocks from the genesis anchor. */
export type Epoch = Brand<bigint, "Epoch">;
/** Counter of the inbox, raised by escape and emergency handover; at most 2^32 - 1. */
export type Generation = Brand<number, "Generation">;
/** Seconds since 1970. */
export type Timestamp = Brand<bigint, "Timestamp">;
/** 32 bytes as 0x hex, lower case. */
export type Hash = Hex;
