// Guards of the pool whose loss a test beside the code must notice: for scripts/simulate-mutants.mjs.
import { exchange, protection, application, rules, binding } from "./files.mjs";

const status = "node/src/sequencer/status.ts";
const maker = "node/src/sequencer/maker.ts";
const leap = "committee/src/engine/embedded/leap.ts";
const epochSets = "node/src/pool/l1EpochSets.ts";
const applicationTest = "node/src/sequencer/application.test.ts";
const protectionTest = "committee/src/protection/store.test.ts";
const exchangeTest = "committee/src/attestations/exchange.test.ts";
const leapTest = "committee/src/engine/embedded/leap.test.ts";
const follower = "node/src/pool/handover/follower.ts";
const rotation = "committee/src/engine/embedded/rotation.ts";
const rotationTest = "committee/src/engine/embedded/rotation.test.ts";
const absences = "node/src/pool/absences.ts";
const absencesTest = "node/src/pool/absences.test.ts";
const brokenPins = "node/src/pool/brokenPins.ts";
const brokenPinsTest = "node/src/pool/brokenPins.test.ts";
const followerTest = "node/src/pool/handover/follower.test.ts";
const epochSetsTest = "node/src/pool/l1EpochSets.test.ts";

/**
 * Guards against what no simulated pool meets: a set that L1 did not freeze, protection files, heights that are left out.
 * [what is broken, test file that must fail, [file, text, what it becomes]...]
 */
export const tested = [
  ["what is built on the pin breaks it", brokenPinsTest, [brokenPins, "|| number > pin.number", ""]],
  [
    "evidence of a broken pin is lost with the disk's room",
    brokenPinsTest,
    [brokenPins, "await this.#keep();\n    return", "return"],
  ],
  ["who leads is said not to", absencesTest, [absences, "if (proposed > 0n) return undefined;", ""]],
  ["a wait goes on through another set", absencesTest, [absences, "if (kept?.setHash !== hash ||", "if (!kept ||"]],
  ["an epoch's absence is told twice", absencesTest, [absences, "|| kept.accused.includes(signer)", ""]],
  ["members keep the lead among themselves", rotationTest, [rotation, "if (turn > 0) pick(", "if (turn > 64) pick("]],
  [
    "who holds no seat in the epoch proposes",
    applicationTest,
    [application, 'if (!holdsSeat(await sets.of(epoch), proposer)) return "reject";', ""],
  ],
  [
    "who proposes another's block is taken for its proposer",
    applicationTest,
    [application, " || inputs.proposer !== proposer", " || (!pending && inputs.proposer !== proposer)"],
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
    "a generation of which L1 dropped blocks is signed on",
    applicationTest,
    [status, "if (this.isOver(generation))", "if (false)"],
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
    ["node/src/pool/epochSets.ts", "if (hash === expected) return", "if (hash) return"],
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
  ["a freeze that L1 took back holds", epochSetsTest, [epochSets, "if (ancestor < this.#scanned.to)", "if (false)"]],
  [
    "a handover's set outlives one that was frozen after it",
    epochSetsTest,
    [epochSets, "return next && next.epoch <= epoch ? undefined : last;", "return last;"],
  ],
  [
    "a handover's set counts for the generation before",
    epochSetsTest,
    [epochSets, "handovers.findLast((handover) => handover.generation <= generation)", "handovers.at(-1)"],
  ],
  [
    "a slash that L1 took back is forgotten",
    "node/src/pool/accuser.test.ts",
    ["node/src/pool/accuser.ts", ": this.#lastWord(accusation);", ": reason;"],
  ],
  [
    "evidence that L1 cannot check yet is forgotten",
    "node/src/pool/accuser.test.ts",
    ["node/src/pool/accuser.ts", "reason === undefined || passing.has(reason) ?", "reason === undefined ?"],
    ["node/src/pool/accuser.ts", "reason !== undefined && passing.has(reason) ?", "false ?"],
  ],
  [
    "a restart drops what was signed on the pinned block",
    followerTest,
    [follower, "return (next?.inputs?.generation ?? 0) >= generation ? undefined : base;", "return base;"],
  ],
  [
    "blocks above the pinned one stay",
    followerTest,
    [follower, "?.hash === pin.hash ? pin : safe", "?.hash === pin.hash ? reader.head() : safe"],
  ],
  [
    "a handover counts before it is deep",
    followerTest,
    [follower, "watcher.view.head.number - BigInt(config.l1Depth)", "watcher.view.head.number"],
  ],
  [
    "a restart takes back what stands on the pinned block",
    followerTest,
    [follower, "(next?.inputs?.generation ?? 0) >= generation ? undefined : base", "base"],
  ],
  [
    "a seat signs on a pinned block that it does not hold",
    followerTest,
    [follower, 'status.hold(last && (await this.#missing(last)), "handover");', ""],
  ],
];
