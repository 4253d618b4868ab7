import type { Plan, PlannedBlock } from "./plan.ts";

const without = <Item>(list: readonly Item[], index: number): Item[] => list.filter((_, i) => i !== index);

/** Plans with one thing less: a block, a transaction, a withdrawal, half of a contract's code. */
function* smaller(plan: Plan): Generator<Plan> {
  const { blocks, codes } = plan;
  const withBlock = (index: number, block: PlannedBlock): Plan => ({ ...plan, blocks: blocks.with(index, block) });
  if (blocks.length > 1) for (const index of blocks.keys()) yield { ...plan, blocks: without(blocks, index) };
  for (const [index, block] of blocks.entries()) {
    for (const at of block.transactions.keys())
      yield withBlock(index, { ...block, transactions: without(block.transactions, at) });
    if (block.withdrawals.length > 0) yield withBlock(index, { ...block, withdrawals: [] });
  }
  for (const [index, code] of codes.entries()) {
    const half = 2 + 2 * Math.floor((code.length - 2) / 4);
    if (half > 2) yield { ...plan, codes: codes.with(index, code.slice(0, half) as `0x${string}`) };
    if (code.length > 4) yield { ...plan, codes: codes.with(index, code.slice(0, -2) as `0x${string}`) };
  }
}

/** The smallest plan that `fails` of those that one step after the other leads to. */
export async function shrink(plan: Plan, fails: (candidate: Plan) => Promise<boolean>): Promise<Plan> {
  let best = plan;
  for (;;) {
    let found: Plan | undefined;
    for (const candidate of smaller(best))
      if (await fails(candidate)) {
        found = candidate;
        break;
      }
    if (found === undefined) return best;
    best = found;
  }
}
