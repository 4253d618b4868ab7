// Breaks one guard of the pool at a time, in a copy, and sees to it that the simulator notices.
//   npm run simulate:mutants                    all; minutes
//   npm run simulate:mutants -- quorum log      those whose name contains one of the words
//   npm run simulate:mutants -- --seeds 300     more pools of four for each
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const engine = "committee/src/engine/embedded/engine.ts";
const payloads = "committee/src/engine/embedded/payloads.ts";
const exchange = "committee/src/attestations/exchange.ts";
const votes = "committee/src/attestations/blockVotes.ts";
const protection = "committee/src/protection/store.ts";
const application = "node/src/sequencer/application.ts";
const rules = "node/src/sequencer/votingRules.ts";

/** [what is broken, [file, text, what it becomes]...]: one guard, and what would catch its loss elsewhere. */
const mutants = [
  ["two thirds are a quorum", ["protocol/src/certificate.ts", "weight * 3n > total * 2n", "weight * 3n >= total * 2n"]],
  ["more than half is a quorum", ["protocol/src/certificate.ts", "weight * 3n > total * 2n", "weight * 2n > total"]],
  [
    "the log is not synced before messages leave",
    [
      engine,
      "if (entries.length > 0) await this.#log(entries);",
      "if (entries.length > 0) this.#log(entries).catch(() => undefined);",
    ],
  ],
  ["the log is not kept", [engine, "await this.#store.appendLog(this.#state.height, this.#logged, entries);", ""]],
  [
    "a height begins without its log after a failed write",
    [engine, "if (this.#store.log(this.#state.height).length > 0) return this.#reopen();", ""],
    ["committee/src/bft/guardedKeys.ts", "if (earlier !== undefined && earlier !== digest)", "if (false)"],
  ],
  ["what never left is held against the key", [engine, "this.#options.keys.forget?.();", ""]],
  [
    "a decided height is not kept before it is handed over",
    [engine, "await this.#store.putDecided(height, { certificate, envelope });", ""],
  ],
  [
    "a failed hand-over is not tried again",
    [engine, "this.#options.clock.after(this.#timeouts.retry, () => this.#tasks.add(again));", ""],
    [engine, "if (this.#decision?.value === certificate.value) return this.#finalize();", ""],
  ],
  [
    "a payload that is missing is not taken from others",
    [engine, "if (this.#decision?.value === certificate.value) return this.#finalize();", ""],
    [
      engine,
      "if (certificate === undefined || envelope === undefined) return;",
      "if (!certificate || !envelope) throw new CommitteeError('engine-state-corrupt', 'halt', 'lost', {});",
    ],
  ],
  [
    "a decided payload needs no certificate",
    [
      engine,
      'await this.#step({ input: "sync", certificate });',
      "this.#decision = certificate; await this.#finalize();",
    ],
  ],
  [
    "a handover sets in one height early",
    [
      "committee/src/engine/embedded/state.ts",
      "members: nextMembers ?? members,",
      "members: updates?.length ? sortMembers(updates) : members,",
    ],
    [
      "committee/src/engine/embedded/state.ts",
      "rotation: nextMembers\n      ? firstRotation(nextMembers, rules)",
      "rotation: updates?.length\n      ? firstRotation(sortMembers(updates), rules)",
    ],
  ],
  [
    "a handover height carries a block",
    [payloads, "if (blockless) return proposal.length === 0;", "if (blockless && proposal.length === 0) return true;"],
    [engine, "const proposal = blockless ? emptyProposal : await", "const proposal = await"],
  ],
  [
    "proposals are not checked",
    [payloads, '(await this.#application.processProposal({ height, proposer, proposal })) === "accept"', "true"],
  ],
  ["anybody proposes for anybody", [application, " || inputs.proposer !== proposer", ""]],
  ["a block of another generation is accepted", [application, " || inputs.generation !== state.generation", ""]],
  ["flags that no proposer sets pass", [rules, "(inputs.flags & ~BlockFlag.batchEnd) !== 0", "false"]],
  ["an epoch need not end its batch", [rules, "!ends && cutter.mustEnd(inputs) !== undefined", "false"]],
  [
    "a rate without an anchor move passes",
    [rules, '!moves && (inputs.rate !== 0n || inputs.attendance !== "0x")', "false"],
    ["node/src/sequencer/binding.ts", "written === inputs.rate ? undefined", "true ? undefined"],
  ],
  [
    "blocks are signed without protection",
    ["committee/src/attester.ts", "await this.#protection.admit(", "void ("],
    [exchange, "if (earlier?.digest === digest) return;", ""],
  ],
  [
    "protection does not reach the disk",
    [protection, 'await this.#store.write([{ kind: "put", key, value: hexToBytes(digest) }]);', ""],
  ],
  [
    "a member votes twice for a block",
    [votes, "if (!this.#votes.has(signer)) this.#votes.set(signer, vote);", "this.#votes.set(signer, vote);"],
    [
      exchange,
      "if (earlier && earlier.digest !== digest) return this.#accuse({ signer, first: earlier, second: given });",
      "",
    ],
  ],
  ["equivocations are not kept", [exchange, "await evidence.put(pair);", ""]],
  [
    "equivocations are not seen",
    [
      exchange,
      "if (earlier && earlier.digest !== digest) return this.#accuse({ signer, first: earlier, second: given });",
      "",
    ],
  ],
  [
    "signatures of a certificate are taken unseen",
    [
      exchange,
      "if (votes.voteOf(signer) === undefined && recover(digest, signature) === signer)",
      "if (votes.voteOf(signer) === undefined)",
    ],
  ],
  [
    "votes for any block count",
    [
      votes,
      "this.#votes.get(signer)?.digest === digest ? sum + weight : sum",
      "this.#votes.has(signer) ? sum + weight : sum",
    ],
  ],
  [
    "a certificate holds votes for other blocks",
    [votes, "return vote?.digest === executed.digest ? vote.signature : undefined;", "return vote?.signature;"],
  ],
  [
    "votes of another generation are evidence",
    [exchange, "if (attestation.generation !== this.#generation) return;", ""],
    [exchange, "if (generation !== this.#generation) return;", ""],
  ],
  [
    "lost certificates are not asked for",
    [exchange, "if (member) this.#ask(member.signer);", ""],
    [exchange, "if (this.#wanted && this.#certified >= this.#wanted.to) this.#ask(this.#wanted.member);", ""],
  ],
  [
    "an attestation names the next epoch",
    ["node/src/sequencer/attestor.ts", "      epoch,\n      number,", "      epoch: epoch + 1n,\n      number,"],
  ],
  [
    "the set of the epoch before signs",
    ["node/src/sequencer/attestor.ts", "sets.of(epoch)", "sets.of(epoch > 0n ? epoch - 1n : epoch)"],
  ],
  [
    "a new epoch keeps the engine's set",
    [application, "return next.hash === old.hash ? undefined : next.members;", "return undefined;"],
  ],
  [
    "nothing tells the generations apart",
    ["node/src/pool/generationMesh.ts", "if (view.getUint32(0) === generation) receiver", "receiver"],
    ["testing/src/simulator/members/member.ts", 'domain: textHash("engine", generation)', 'domain: textHash("engine")'],
  ],
  [
    "a raise keeps what was heard",
    ["node/src/sequencer/service.ts", "this.#inBackground(attestor.reset());", ""],
    [
      "node/src/sequencer/attestor.ts",
      "if (!(await this.#holds(before))) forget(generation(), reader.head().number);",
      "",
    ],
  ],
  [
    "members that fell behind ask nobody",
    ["committee/src/engine/embedded/catchUp.ts", 'send(from, { kind: "want", height });', ""],
  ],
];

const { values, positionals: words } = parseArgs({ options: { seeds: { type: "string" } }, allowPositionals: true });
const chosen = mutants
  .map(([name, ...patches]) => ({ name: String(name), patches }))
  .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
for (const { name, patches } of chosen)
  for (const [file, from] of patches)
    if (readFileSync(join(repository, "packages", file), "utf8").split(from).length !== 2)
      throw new Error(`${name}: ${file} does not contain exactly once: ${from}`);

/** A copy of the rooms that a member is made of, with everybody else's packages beside it. */
function copied() {
  const copy = mkdtempSync(join(tmpdir(), "metis-simulate-"));
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@metis"), { recursive: true });
  for (const name of readdirSync(join(repository, "node_modules")))
    if (name !== "@metis") symlinkSync(join(repository, "node_modules", name), join(modules, name));
  for (const room of ["protocol", "runtime", "mvm", "rollup", "committee", "node", "testing"]) {
    const kept = (path) => !/\/(dist|node_modules|native)$/.test(path);
    cpSync(join(repository, "packages", room), join(copy, "packages", room), { recursive: true, filter: kept });
    symlinkSync(join(copy, "packages", room), join(modules, "@metis", room));
  }
  return copy;
}

/** Rules of voting are broken by liars. */
const liars = (patches) => (patches.some(([file]) => file === rules || file === application) ? ["--vice", "liar"] : []);
/** Pools and seeds that every mutant meets, until one shows something. */
const suite = [
  ["4", "1", values.seeds ?? "40"],
  ["7", "1", "6"],
];

/** Runs the suite in `copy`: the first violation, or nothing. */
function violation(copy, more = []) {
  const simulate = join(copy, "packages/testing/src/simulator/members/simulate.ts");
  for (const [members, from, seeds] of suite) {
    const pool = ["--members", members, "--from", from, "--seeds", seeds, "--bail", ...more];
    const run = spawnSync(process.execPath, [join(repository, "scripts/node.mjs"), simulate, ...pool], {
      timeout: 300_000,
      encoding: "utf8",
    });
    if (run.status !== 0)
      return /^(seed .*)$/m.exec(run.stdout)?.[1] ?? /^(.*Error.*)$/m.exec(run.stderr)?.[1] ?? "ended";
  }
  return undefined;
}

const copy = copied();
const alive = [];
try {
  const before = words.length === 0 ? violation(copy) : undefined;
  if (before !== undefined) throw new Error(`the unbroken pool fails: ${before}`);
  for (const { name, patches } of chosen) {
    const sources = new Map();
    for (const [file, from, to] of patches) {
      const path = join(copy, "packages", file);
      const source = readFileSync(path, "utf8");
      if (!sources.has(path)) sources.set(path, source);
      writeFileSync(
        path,
        source.replace(from, () => to),
      );
    }
    const seen = violation(copy, liars(patches));
    if (seen === undefined) alive.push(name);
    console.log(
      `${seen === undefined ? "ALIVE " : "killed"}  ${name}${seen === undefined ? "" : `: ${seen.slice(0, 120)}`}`,
    );
    for (const [path, source] of sources) writeFileSync(path, source);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - alive.length} of ${chosen.length} mutants killed`);
process.exitCode = alive.length === 0 ? 0 : 1;
