// npm run fuzz -w @metis/mvm -- [--minutes N] [--seed S] [--folder DIR] [--replay FILE] [--grow]
// Random plans here and by ethereumjs until the time is over. The folder remembers where it stopped, and keeps what failed.
// --grow: plans that do what none of the corpus does are added to it, and those that others make needless are taken out.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadKernelModule } from "../kernel/index.ts";
import { corpusFolder, readCorpus } from "./corpus.ts";
import { depositPlansFrom, runDepositPlan, type DepositPlan } from "./deposits.ts";
import { planOf } from "./generate.ts";
import type { Plan } from "./plan.ts";
import { runPlan, type Features } from "./run.ts";
import { shrink } from "./shrink.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    folder: { type: "string", default: ".fuzz" },
    replay: { type: "string" },
    grow: { type: "boolean", default: false },
  },
});
const module = await loadKernelModule();

/** Its blocks are lists of deposits, where those of a plan name their transactions. */
const isDeposits = (plan: Plan | DepositPlan): plan is DepositPlan => plan.blocks.some((block) => Array.isArray(block));

const failureOf = async (plan: Plan | DepositPlan): Promise<string | undefined> => {
  try {
    if (isDeposits(plan)) await runDepositPlan(module, plan);
    else await runPlan(module, plan);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};

async function replay(file: string): Promise<void> {
  const failure = await failureOf(JSON.parse(readFileSync(file, "utf8")) as Plan | DepositPlan);
  console.log(failure ?? "no difference");
  process.exitCode = failure === undefined ? 0 : 1;
}

/** Makes the plan that failed as small as it goes, keeps it, and says how to see it again. */
async function report(seed: number, plan: Plan | DepositPlan, failure: string): Promise<void> {
  console.error(`\nseed ${seed}: ${failure}\n\nMaking it smaller...`);
  const fails = async (candidate: Plan): Promise<boolean> => (await failureOf(candidate)) !== undefined;
  const smallest = isDeposits(plan) ? plan : await shrink(plan, fails);
  const file = join(values.folder, `failure-${seed}.json`);
  writeFileSync(file, JSON.stringify(smallest, undefined, 1));
  console.error(`Kept as ${file}. See it again: npm run fuzz -w @metis/mvm -- --replay ${file}`);
  console.error(`The plan as it was made: npm run fuzz -w @metis/mvm -- --seed ${seed} --minutes 0`);
}

async function search(): Promise<void> {
  mkdirSync(values.folder, { recursive: true });
  const memory = join(values.folder, "next-seed");
  const remembered = existsSync(memory) ? Number(readFileSync(memory, "utf8")) : 1;
  let seed = values.seed === undefined ? remembered : Number(values.seed);
  const known = new Set<string>();
  if (values.grow)
    for (const { plan } of readCorpus())
      for (const feature of await runPlan(module, plan, { watched: true })) known.add(feature);
  const until = performance.now() + Number(values.minutes) * 60_000;
  let failures = 0;
  let plans = 0;
  let shown = performance.now();
  do {
    const plan = planOf(seed);
    try {
      const features = await runPlan(module, plan, { watched: values.grow });
      const fresh = [...features].filter((feature) => !known.has(feature));
      for (const feature of fresh) known.add(feature);
      if (values.grow && fresh.length > 0) keep(seed, plan, fresh);
    } catch (error) {
      failures++;
      await report(seed, plan, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    plans++;
    const [deposits] = depositPlansFrom(seed, 1);
    const failure = seed % 4 === 0 ? await failureOf(deposits!) : undefined;
    if (failure !== undefined) {
      failures++;
      await report(seed, deposits!, failure);
    }
    seed = (seed + 1) % 2 ** 31;
    if (values.seed === undefined) writeFileSync(memory, String(seed));
    if (performance.now() - shown > 10_000) {
      shown = performance.now();
      console.log(
        `${plans} plans, next seed ${seed}, ${failures} differences, ${((until - shown) / 1000).toFixed(0)} s left`,
      );
    }
  } while (performance.now() < until);
  console.log(`${plans} plans up to seed ${seed - 1}, ${failures} differences`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** Adds a plan that does something new to the corpus. */
function keep(seed: number, plan: Plan, fresh: readonly string[]): void {
  writeFileSync(join(corpusFolder, `seed-${seed}.json`), `${JSON.stringify(plan, undefined, 2)}\n`);
  console.log(`kept seed ${seed}: ${fresh.join(", ")}`);
}

/** Leaves in the corpus as few plans as do all that its plans do, and those with a note, which found something. */
async function thin(): Promise<void> {
  const all: { readonly name: string; readonly noted: boolean; readonly features: Features }[] = [];
  for (const { name, plan } of readCorpus())
    all.push({ name, noted: plan.note !== undefined, features: await runPlan(module, plan, { watched: true }) });
  const missing = new Set(all.flatMap(({ features }) => [...features]));
  const wanted = new Set(all.filter(({ noted }) => noted).map(({ name }) => name));
  const gain = ({ features }: { readonly features: Features }): number =>
    [...features].filter((feature) => missing.has(feature)).length;
  while (missing.size > 0) {
    const best = all.toSorted((a, b) => gain(b) - gain(a))[0]!;
    wanted.add(best.name);
    for (const feature of best.features) missing.delete(feature);
  }
  for (const { name } of all) if (!wanted.has(name)) rmSync(join(corpusFolder, name));
  console.log(`${wanted.size} of ${all.length} plans stay in the corpus`);
}

await (values.replay === undefined ? search() : replay(values.replay));
if (values.grow) await thin();
