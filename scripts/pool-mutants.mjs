// Guards of the pool, each with what its loss looks like: for scripts/simulate-mutants.mjs.

const engine = "committee/src/engine/embedded/engine.ts";
const payloads = "committee/src/engine/embedded/payloads.ts";
const exchange = "committee/src/attestations/exchange.ts";
const evidence = "committee/src/attestations/evidence.ts";
const votes = "committee/src/attestations/blockVotes.ts";
const protection = "committee/src/protection/store.ts";
const application = "node/src/sequencer/application.ts";
const rules = "node/src/sequencer/votingRules.ts";
const status = "node/src/sequencer/status.ts";
const maker = "node/src/sequencer/maker.ts";
const attendance = "node/src/sequencer/attendance.ts";
const binding = "node/src/sequencer/binding.ts";
const leap = "committee/src/engine/embedded/leap.ts";
const epochSets = "node/src/pool/l1EpochSets.ts";
const applicationTest = "node/src/sequencer/application.test.ts";
const protectionTest = "committee/src/protection/store.test.ts";
const exchangeTest = "committee/src/attestations/exchange.test.ts";
const leapTest = "committee/src/engine/embedded/leap.test.ts";
const epochSetsTest = "node/src/pool/l1EpochSets.test.ts";

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
    "the chain changes while it is signed",
    ["node/src/sequencer/service.ts", "return await attestor.exclusively(change);", "return await change();"],
    ["node/src/sequencer/service.ts", "this.#inBackground(attestor.reset());", ""],
  ],
];

/**
 * Guards against what no simulated pool meets: a set that L1 did not freeze, protection files, heights that are left out.
 * [what is broken, test file that must fail, [file, text, what it becomes]...]
 */
export const tested = [
  [
    "who holds no seat in the epoch proposes",
    applicationTest,
    [application, 'if (!holdsSeat(await sets.of(epoch), proposer)) return "reject";', ""],
  ],
  [
    "a block of an earlier generation is made on one of the next",
    applicationTest,
    [maker, "if (generation < plan.parent.generation) return undefined;", ""],
  ],
  [
    "a decided block of an earlier generation goes on one of the next",
    applicationTest,
    [rules, 'if (inputs.generation < parent.generation) return "its generation is over";', ""],
  ],
  [
    "a generation of which L1 dropped blocks is decided on",
    applicationTest,
    [application, "if (status.isOver(inputs.generation)) throw overtaken(inputs);", ""],
  ],
  [
    "what was built here is voted for though signing stands still",
    applicationTest,
    [application, 'if (!state.may) return "reject";', ""],
  ],
  [
    "a generation of which L1 dropped blocks is signed on",
    applicationTest,
    [status, "if (this.isOver(this.#generation))", "if (false)"],
  ],
  [
    "a restart forgets that L1 dropped blocks",
    applicationTest,
    [
      status,
      "if ((this.#chain.marks().left ?? -1) < generation) await this.#chain.setMarks({ left: generation });",
      "",
    ],
  ],
  [
    "blocks are taken back while their generation is signed",
    "node/src/derivation/apply.test.ts",
    ["node/src/derivation/apply.ts", "await status.leave(ownGeneration);", ""],
  ],
  ["transactions that would be skipped pass", applicationTest, [binding, "if (skipped.length > 0)", "if (false)"]],
  ["a rate that is clamped passes", applicationTest, [binding, "written === inputs.rate ?", "true ?"]],
  [
    "another digest for a number is admitted",
    protectionTest,
    [protection, "if (bytesToHex(known) === digest.toLowerCase()) return;", "return;"],
  ],
  [
    "numbers below a signed one are admitted",
    protectionTest,
    [protection, "if (highest && !isAbove({ generation, number }, highest))", "if (false)"],
  ],
  ["pruning forgets the highest record", protectionTest, [protection, "bytesToHex(value) !== highest.digest", "true"]],
  [
    "two askers at once are both admitted",
    protectionTest,
    [protection, "const result = this.#queue.then(() => this.#admit(entry));", "const result = this.#admit(entry);"],
  ],
  [
    "a protection file contradicts what was signed here",
    protectionTest,
    [protection, "if (known !== undefined && bytesToHex(known) !== digest)", "if (false)"],
  ],
  [
    "a protection file of another chain or key binds",
    protectionTest,
    [
      "committee/src/protection/interchange.ts",
      "if (hash !== genesisConfigHash || fileSigner !== signer.toLowerCase())",
      "if (false)",
    ],
  ],
  [
    "a signature counts for a member twice",
    "committee/src/attester.test.ts",
    [
      "committee/src/certificates.ts",
      "if (!this.#signatures.has(signer)) this.#weight += member.weight;",
      "this.#weight += member.weight;",
    ],
  ],
  [
    "the core's key signs two votes of one place",
    "committee/src/bft/guardedKeys.test.ts",
    ["committee/src/bft/guardedKeys.ts", "if (earlier !== undefined && earlier !== digest)", "if (false)"],
  ],
  [
    "a kernel that threw is used again",
    "committee/src/bft/core.test.ts",
    ["committee/src/bft/kernel.ts", "if (this.isBroken || ", "if ("],
  ],
  [
    "a seat whose key another process uses signs on",
    exchangeTest,
    [exchange, "if (earlier) throw signedElsewhere(attestation);", ""],
    [exchange, "if (earlier?.digest === digest) return;", ""],
  ],
  ["evidence that a full disk refused is lost", exchangeTest, [exchange, "await this.#accusations.tryAgain();", ""]],
  [
    "signatures of strangers are kept",
    exchangeTest,
    [exchange, "signer === undefined || !isMember(signer)", "!signer"],
  ],
  [
    "a member without a seat signs",
    exchangeTest,
    [
      exchange,
      "if (!attester || !executed || !holdsSeat(executed.set, self)) return;",
      "if (!attester || !executed) return;",
    ],
  ],
  [
    "nobody says that the pool signed another block",
    exchangeTest,
    [exchange, "if (theirs && votes.executed) this.#options.contradicted(theirs, votes.executed.attestation);", ""],
  ],
  [
    "the old generation's engine goes on",
    "committee/src/engine/generations.test.ts",
    [
      "committee/src/engine/generations.ts",
      "await this.#current?.engine.stop();\n      this.#options",
      "this.#options",
    ],
  ],
  [
    "an engine begins while the chain changes",
    "committee/src/engine/generations.test.ts",
    ["committee/src/engine/generations.ts", "if (this.#pauses > 0 || ", "if ("],
  ],
  [
    "heights are left out on the word of a set that did not sign",
    leapTest,
    [leap, "return isCertified(options, state, decided) ? state : undefined;", "return state;"],
  ],
  [
    "whoever proposed may be a stranger",
    "committee/src/engine/embedded/rotation.test.ts",
    ["committee/src/engine/embedded/rotation.ts", "if (turn < 0)", "if (false)"],
  ],
  [
    "messages that wait are not bounded",
    "committee/src/engine/embedded/tasks.test.ts",
    [
      "committee/src/engine/embedded/tasks.ts",
      "if (this.#waiting >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) return false;",
      "",
    ],
  ],
  [
    "a core whose kernel threw is asked on",
    "committee/src/engine/embedded/engine.test.ts",
    ["committee/src/engine/embedded/engine.ts", "if (this.#core?.isBroken) this.#takeUpAgain();", ""],
  ],
  [
    "an application's halt does not end the engine",
    "committee/src/engine/embedded/engine.test.ts",
    ["committee/src/engine/embedded/engine.ts", "if (mustEnd) this.#end();", ""],
  ],
  [
    "members need not hash to what L1 froze",
    epochSetsTest,
    [epochSets, "if (hash === setHash) return", "if (hash) return"],
  ],
  [
    "a set counts for an epoch that had begun when it was frozen",
    epochSetsTest,
    [epochSets, "set.epoch <= epoch && set.l1BlockNumber < before", "set.epoch <= epoch"],
  ],
  [
    "an epoch's set is told before L1 has reached it",
    epochSetsTest,
    [epochSets, "const needed = this.#firstBlock(epoch) - 1n;", "const needed = 0n;"],
  ],
  ["a freeze that L1 took back holds", epochSetsTest, [epochSets, "if (ancestor >= to) return;", "return;"]],
];
