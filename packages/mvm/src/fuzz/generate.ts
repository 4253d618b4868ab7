// Random plans.
import fc from "fast-check";
import type { Hex } from "viem";
import { toHex } from "../bytes.ts";
import {
  contracts,
  fuzzForks,
  keys,
  precompiles,
  senders,
  type Plan,
  type PlannedAuthorization,
  type PlannedBlock,
  type PlannedTransaction,
  type Target,
} from "./plan.ts";
import { addressOf } from "./world.ts";

const byte = (value: number): Uint8Array => Uint8Array.of(value);
const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const push = (data: Uint8Array): Uint8Array => joined([byte(0x5f + data.length), data]);
const pushNumber = (value: number): Uint8Array =>
  value < 256 ? push(byte(value)) : push(Uint8Array.of((value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff));

const contract: fc.Arbitrary<Target> = fc.nat(contracts - 1).map((i) => `contract ${i}` as const);
const account: fc.Arbitrary<Target> = fc.nat(keys - 1).map((i) => `account ${i}` as const);
const precompile: fc.Arbitrary<Target> = fc.constantFrom(...precompiles).map((i) => `precompile ${i}` as const);
export const targetArbitrary: fc.Arbitrary<Target> = fc.oneof(
  { weight: 5, arbitrary: contract },
  { weight: 1, arbitrary: account },
  { weight: 2, arbitrary: precompile },
);

const word = fc.oneof(
  { weight: 4, arbitrary: fc.nat(40).map(pushNumber) },
  { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 32 }).map(push) },
  { weight: 1, arbitrary: targetArbitrary.map((target) => push(Buffer.from(addressOf(target).slice(2), "hex"))) },
  { weight: 1, arbitrary: fc.constant(byte(0x5f)) },
  { weight: 1, arbitrary: fc.constant(push(new Uint8Array(32).fill(0xff))) },
);
const small = fc.nat(70).map(pushNumber);

/** `opcode` with operands that make sense for most: the first pushed lies lowest. */
const operation = (opcode: number, ...operands: readonly fc.Arbitrary<Uint8Array>[]): fc.Arbitrary<Uint8Array> =>
  fc.tuple(...operands).map((pushed) => joined([...pushed, byte(opcode)]));

const gasGiven = fc.oneof(fc.constant(byte(0x5a)), fc.constantFrom(0, 700, 3_000, 20_000, 100_000).map(pushNumber));
const target = targetArbitrary.map((to) => push(Buffer.from(addressOf(to).slice(2), "hex")));
const smallValue = fc.nat(2).map(pushNumber);
/** CALL, CALLCODE with value; DELEGATECALL, STATICCALL without. */
const call = fc.oneof(
  ...[0xf1, 0xf2].map((opcode) => operation(opcode, small, small, small, small, smallValue, target, gasGiven)),
  ...[0xf4, 0xfa].map((opcode) => operation(opcode, small, small, small, small, target, gasGiven)),
);
/** Puts a short init code into memory and creates from it. */
const creation = fc
  .tuple(
    fc.constantFrom("5f5ff3", "60016000f3", "33ff", "5f5ffd", "fe", "60ef5f5360015ff3", "6001600155"),
    fc.boolean(),
    smallValue,
    small,
  )
  .map(([init, second, value, salt]) => {
    const bytes = Buffer.from(init, "hex");
    const store = joined([push(joined([bytes, new Uint8Array(32 - bytes.length)])), byte(0x5f), byte(0x52)]);
    const size = pushNumber(bytes.length);
    return second
      ? joined([store, salt, size, byte(0x5f), value, byte(0xf5)])
      : joined([store, size, byte(0x5f), value, byte(0xf0)]);
  });

const twoOperands = [1, 2, 3, 4, 5, 6, 7, 10, 11, 16, 17, 18, 19, 20, 22, 23, 24, 26, 27, 28, 29];
const nothing = [
  0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59,
  0x5a, 0x5f,
];
const oneOperand = [0x15, 0x19, 0x1e, 0x31, 0x35, 0x3b, 0x3f, 0x40, 0x49, 0x51, 0x54, 0x5c];
const slot = fc.nat(5).map(pushNumber);
const snippet: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: word },
  { weight: 3, arbitrary: fc.constantFrom(...twoOperands).chain((opcode) => operation(opcode, word, word)) },
  { weight: 2, arbitrary: fc.constantFrom(...oneOperand).chain((opcode) => operation(opcode, word)) },
  { weight: 1, arbitrary: fc.constantFrom(8, 9).chain((opcode) => operation(opcode, word, word, word)) },
  { weight: 2, arbitrary: fc.constantFrom(...nothing).map(byte) },
  { weight: 4, arbitrary: operation(0x55, fc.nat(2).map(pushNumber), slot) },
  { weight: 2, arbitrary: operation(0x54, slot) },
  { weight: 1, arbitrary: operation(0x5d, word, slot) },
  { weight: 2, arbitrary: fc.constantFrom(0x52, 0x53).chain((opcode) => operation(opcode, word, small)) },
  { weight: 1, arbitrary: operation(0x20, small, small) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0x37, 0x39, 0x3e, 0x5e).chain((opcode) => operation(opcode, small, small, small)),
  },
  { weight: 1, arbitrary: operation(0x3c, small, small, small, target) },
  { weight: 4, arbitrary: call },
  { weight: 2, arbitrary: creation },
  {
    weight: 1,
    arbitrary: fc
      .nat(4)
      .chain((topics) => operation(0xa0 + topics, ...Array.from({ length: topics }, () => word), small, small)),
  },
  { weight: 1, arbitrary: fc.nat(15).map((i) => byte(0x80 + i)) },
  { weight: 1, arbitrary: fc.nat(15).map((i) => byte(0x90 + i)) },
  { weight: 1, arbitrary: operation(0xff, target) },
  { weight: 1, arbitrary: fc.constantFrom(0xf3, 0xfd).chain((opcode) => operation(opcode, small, small)) },
  { weight: 1, arbitrary: fc.nat(255).map(byte) },
);
/** Jumps over itself: what follows goes on. */
const jump = snippet.map((inner) =>
  joined([byte(0x58), pushNumber(5 + inner.length), byte(1), byte(0x56), inner, byte(0x5b)]),
);
export const codeArbitrary: fc.Arbitrary<Hex> = fc
  .array(fc.oneof({ weight: 12, arbitrary: snippet }, { weight: 1, arbitrary: jump }), { minLength: 1, maxLength: 30 })
  .map((parts) => toHex(joined(parts)));

const authorization: fc.Arbitrary<PlannedAuthorization> = fc.record({
  by: fc.nat(keys - 1),
  to: fc.oneof(contract, account, precompile, fc.constant("new" as const)),
  nonceAhead: fc.constantFrom(0, 0, 0, 1),
  anyChain: fc.boolean(),
});

const transaction: fc.Arbitrary<PlannedTransaction> = fc
  .record({
    type: fc.constantFrom<PlannedTransaction["type"][]>(0, 1, 2, 2, 3, 4, 4),
    from: fc.nat(senders - 1),
    to: fc.oneof(
      { weight: 5, arbitrary: contract },
      { weight: 1, arbitrary: account },
      { weight: 1, arbitrary: precompile },
      { weight: 2, arbitrary: fc.constant("new" as const) },
    ),
    value: fc.constantFrom(0, 0, 1, 1000),
    data: fc.oneof(fc.uint8Array({ maxLength: 200 }).map(toHex), codeArbitrary),
    gas: fc.constantFrom(60_000, 200_000, 1_000_000, 3_000_000),
    tip: fc.nat(3),
    accessList: fc.array(fc.record({ to: targetArbitrary, slots: fc.array(fc.nat(5), { maxLength: 3 }) }), {
      maxLength: 2,
    }),
    blobs: fc.integer({ min: 1, max: 3 }),
    authorizations: fc.array(authorization, { minLength: 1, maxLength: 3 }),
  })
  .map(({ type, from, to, value, data, gas, tip, accessList, blobs, authorizations }): PlannedTransaction => {
    // Blobs and delegations create nothing.
    const planned = { type, from, to: type >= 3 && to === "new" ? ("contract 0" as const) : to, value, data, gas, tip };
    const byType = [{}, { accessList }, { accessList }, { accessList, blobs }, { accessList, authorizations }];
    return Object.assign(planned, byType[type]);
  });

const block: fc.Arbitrary<PlannedBlock> = fc.record({
  transactions: fc.array(transaction, { minLength: 1, maxLength: 6 }),
  withdrawals: fc.array(fc.record({ to: fc.oneof(account, contract), amount: fc.nat(3) }), { maxLength: 2 }),
});

const plan: fc.Arbitrary<Plan> = fc.record({
  fork: fc.constantFrom(...fuzzForks, "osaka" as const, "osaka" as const),
  codes: fc.array(codeArbitrary, { minLength: 2, maxLength: contracts }),
  blocks: fc.array(block, { minLength: 1, maxLength: 3 }),
});

/** The plan of a seed (31 bits). */
export const planOf = (seed: number): Plan => fc.sample(plan, { seed, numRuns: 1 })[0]!;

/** Plans from `seed` on, made up with one generator. */
export const plansFrom = (seed: number, count: number): readonly Plan[] => fc.sample(plan, { seed, numRuns: count });
