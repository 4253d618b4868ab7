// Guards of the pool whose loss the simulator must notice: for scripts/simulate-mutants.mjs.
import { exchange, protection, application, rules, binding } from "./files.mjs";

const engine = "committee/src/engine/embedded/engine.ts";
const payloads = "committee/src/engine/embedded/payloads.ts";
const evidence = "committee/src/attestations/evidence.ts";
const votes = "committee/src/attestations/blockVotes.ts";
const attendance = "node/src/sequencer/attendance.ts";

/** [what is broken, [file, text, what it becomes]...]: one guard, and what would catch its loss elsewhere. */
export const simulated = [
  ["two thirds are a quorum", ["protocol/src/certificate.ts", "weight * 3n > total * 2n", "weight * 3n >= total * 2n"]],
  ["more than half is a quorum", ["protocol/src/certificate.ts", "weight * 3n > total * 2n", "weight * 2n > total"]],
  [
    "the log is not synced before messages leave",
    [
      engine,
      'if (events.some(({ event }) => event === "send")) await this.#log();',
      'if (events.some(({ event }) => event === "send")) this.#log().catch(() => undefined);',
    ],
  ],
  [
    "the log is not kept",
    [engine, "if (entries.length > 0) await this.#store.appendLog(this.#state.height, this.#logged, entries);", ""],
  ],
  [
    "what was heard before is not logged with what is said",
    [
      engine,
      'this.#heard.push(...events.flatMap((event) => (event.event === "log" ? [event.entry] : [])));',
      'this.#heard = events.flatMap((event) => (event.event === "log" ? [event.entry] : []));',
    ],
  ],
  [
    "a height begins without its log after a failed write",
    [engine, "if (this.#store.log(this.#state.height).length > 0) return this.#reopen();", ""],
    ["committee/src/bft/guardedKeys.ts", "if (earlier !== undefined && earlier !== digest)", "if (false)"],
  ],
  ["what never left is held against the key", [engine, "this.#options.keys.forget?.();", ""]],
  [
    "a decided height is not kept",
    ["committee/src/engine/embedded/state.ts", '{ kind: "put", key: key("decided", done), value: decided },', ""],
  ],
  [
    "a failed hand-over is not tried again",
    [engine, "this.#options.clock.after(this.#timeouts.retry, () => this.#tasks.add(again));", ""],
    [engine, "if (this.#decision?.value === certificate.value) return this.#finalize();", ""],
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
  ["a block of another generation is accepted", [application, "inputs.generation !== state.generation || ", ""]],
  ["flags that no proposer sets pass", [rules, "(inputs.flags & ~BlockFlag.batchEnd) !== 0", "false"]],
  ["an epoch need not end its batch", [rules, "!ends && cutter.mustEnd(inputs) !== undefined", "false"]],
  [
    "a rate without an anchor move passes",
    [rules, '!moves && (inputs.rate !== 0n || inputs.attendance !== "0x")', "false"],
    [binding, "written === inputs.rate ? undefined", "true ? undefined"],
  ],
  ["an attendance counts any blocks", [attendance, "if (!isNext(line.blocks, at, run))", "if (run.blocks === 0)"]],
  ["an attendance of few passes", [attendance, "if (!weighsEnough(line.set, run.attested))", "if (false)"]],
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
    [exchange, "return this.#accusations.accuse({ signer, first: earlier, second: given });", ";"],
  ],
  [
    "evidence holds one attestation twice",
    [
      exchange,
      "accuse({ signer, first: earlier, second: given })",
      "accuse({ signer, first: earlier, second: earlier })",
    ],
  ],
  ["equivocations are not kept", [evidence, "await evidence.put(pair);", ""]],
  [
    "equivocations are not seen",
    [exchange, "return this.#accusations.accuse({ signer, first: earlier, second: given });", ";"],
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
  [
    "a true certificate vouches for another payload",
    [
      engine,
      "if (envelopeId(envelope) !== certificate.value || decodeEnvelope(envelope).height !== this.#state.height) return;",
      "",
    ],
  ],
  [
    "anybody's payload is taken in a proposer's round",
    [engine, "(validRound < 0 && decoded.proposer !== proposer)", "false"],
    [application, " || inputs.proposer !== proposer", ""],
  ],
  ["a block that does not follow the head is voted for", [rules, "inputs.number !== parent.number + 1n", "false"]],
  ["an anchor need not be on L1", [rules, "if (!anchor || anchor.header.hash !== inputs.anchorHash)", "if (!anchor)"]],
  [
    "time may stand still",
    [rules, "[inputs.time <= parent.time,", "[false,"],
    [rules, "[inputs.time < timestamp,", "[false,"],
  ],
  ["time may be ahead of every clock", [rules, "[inputs.time > chainNow(now) + maxAhead,", "[false,"]],
  [
    "deposits need not be the queue's",
    [rules, "inputs.depositStart !== parent.depositEnd || inputs.depositEnd !== depositEnd", "false"],
  ],
  [
    "a handover drops what is pinned",
    ["node/src/pool/handover/follower.ts", "?.hash === pin.hash ? pin : safe", "?.hash === pin.hash ? safe : safe"],
  ],
  [
    "the chain changes while it is signed",
    ["node/src/sequencer/service.ts", "return await attestor.exclusively(change);", "return await change();"],
    ["node/src/sequencer/service.ts", "this.#inBackground(attestor.reset());", ""],
  ],
];
