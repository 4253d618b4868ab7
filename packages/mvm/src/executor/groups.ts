/** Blocks handed to execution at a time, and the bytes after which a smaller group is closed. */
const groupBlocks = 32;
const groupBytes = 2 * 1024 * 1024;
/** Groups on their way: one is executed, one is at hand when it ends, one has its senders recovered. */
const groupsAhead = 3;

/** Blocks, in any form, that execution is given at once. */
export interface Group<Block> {
  readonly blocks: readonly Block[];
  readonly bytes: number;
}

/** `all` in groups; when reading it fails, what was read comes first. */
async function* grouped<Block>(
  all: AsyncIterable<Block> | Iterable<Block>,
  bytesOf: (block: Block) => number,
): AsyncGenerator<Group<Block>> {
  let blocks: Block[] = [];
  let bytes = 0;
  let failure: unknown;
  try {
    for await (const block of all) {
      blocks.push(block);
      bytes += bytesOf(block);
      if (blocks.length < groupBlocks && bytes < groupBytes) continue;
      yield { blocks, bytes };
      blocks = [];
      bytes = 0;
    }
  } catch (error) {
    failure = error;
  }
  if (blocks.length > 0) yield { blocks, bytes };
  if (failure !== undefined) throw failure;
}

/**
 * Hands blocks on in groups, in order, the next ones before the first is done. Throws what the first group failed with that did,
 * when nothing is on its way any more.
 */
export async function inGroups<Block>(
  all: AsyncIterable<Block> | Iterable<Block>,
  bytesOf: (block: Block) => number,
  run: (group: Group<Block>) => Promise<void>,
): Promise<void> {
  const groups: Promise<void>[] = [];
  try {
    for await (const next of grouped(all, bytesOf)) {
      const group = run(next);
      // Told when its turn comes; the first failure counts.
      group.catch(() => {});
      groups.push(group);
      if (groups.length >= groupsAhead) await groups.shift();
    }
  } finally {
    // Also when there is no more to be read: what stands before is good.
    await Promise.allSettled(groups);
  }
  await Promise.all(groups);
}
