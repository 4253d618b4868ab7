import {
  decodeAttestationMessage,
  decodeMeshMessage,
  encodeAttestationMessage,
  encodeMeshMessage,
  MeshChannel,
} from "@metis/committee";
import type { ConsensusApplication, Mesh, MeshMessage, SequencerSet, SignedAttestation } from "@metis/committee";
import {
  blockAttestationDigest,
  decodeAttendance,
  decodeBlockInputs,
  decodeRlp,
  encodeAttendance,
  encodeBlockInputs,
  encodeRlp,
} from "@metis/protocol";
import type { Attendance, AttendanceRun, BlockInputs } from "@metis/protocol";
import { concatHex, keccak256 } from "viem";
import type { Address, Hex } from "viem";
import type { Keyring } from "./keys.ts";
import { textHash } from "./l1.ts";
import { domain } from "./member.ts";
import type { Vice } from "./scenario.ts";

export interface ViceOptions {
  readonly vice: Vice | undefined;
  readonly keyName: string;
  readonly keyring: Keyring;
  readonly random: () => number;
  /** Everybody else. */
  readonly others: () => readonly Address[];
  readonly setOf: (epoch: bigint) => SequencerSet;
}

/** What the mesh becomes in the hands of a member with a vice; the same for one without. */
export function viciousMesh(mesh: Mesh, options: ViceOptions): Mesh {
  const { vice } = options;
  if (vice === "silent") return { ...mesh, broadcast: () => undefined, send: () => undefined };
  if (vice === "equivocator") return { ...mesh, broadcast: (message) => equivocate(mesh, message, options) };
  return vice === "forger" ? new Forger(mesh, options) : mesh;
}

/** What the application becomes; the same for all but liars and the idle. */
export function viciousApplication(application: ConsensusApplication, options: ViceOptions): ConsensusApplication {
  if (options.vice === "idle") return idle(application);
  if (options.vice !== "liar") return application;
  const { random } = options;
  return {
    isDue: (request) => application.isDue?.(request) ?? Promise.resolve(true),
    prepareProposal: async (request) => {
      const proposal = await application.prepareProposal(request);
      return proposal && random() < 0.7 ? tampered(proposal, random, options.others()) : proposal;
    },
    processProposal: async () => "accept",
    membersOf: async (proposal) => application.membersOf?.(proposal),
    finalizeBlock: (request) => application.finalizeBlock(request),
  };
}

const idle = (application: ConsensusApplication): ConsensusApplication => ({
  isDue: (request) => application.isDue?.(request) ?? Promise.resolve(true),
  prepareProposal: async () => undefined,
  processProposal: (request) => application.processProposal(request),
  membersOf: async (proposal) => application.membersOf?.(proposal),
  finalizeBlock: (request) => application.finalizeBlock(request),
});

/** Rules of voting, each broken in one way. */
function tampered(proposal: Uint8Array, random: () => number, others: readonly Address[]): Uint8Array {
  const inputs = decodeBlockInputs(proposal);
  const { number, generation, time, anchorNumber, flags } = inputs;
  if (flags !== 0 && random() < 0.5) return encodeBlockInputs({ ...inputs, flags: 0 });
  const given = decodeAttendance(inputs.attendance);
  if (given && random() < 0.5) return encodeBlockInputs({ ...inputs, attendance: falsified(given, random) });
  const changes: readonly Partial<BlockInputs>[] = [
    { generation: generation + 1 },
    { number: number + 1n },
    { time: time + 3600n },
    { time: time - 3600n },
    { anchorNumber: anchorNumber + 1000n },
    { anchorHash: textHash("no anchor") },
    { flags: flags ^ 1 },
    { flags: flags | 2 },
    { rate: 5n },
    { attendance: "0x01" },
    { depositEnd: inputs.depositEnd + 1n },
    { proposer: others[Math.floor(random() * others.length)]! },
  ];
  return encodeBlockInputs({ ...inputs, ...changes[Math.floor(random() * changes.length)] });
}

/** Of the first run another block, length or proposer, too few members or more than there are; or another epoch. */
function falsified({ epoch, runs }: Attendance, random: () => number): Hex {
  const [first, ...more] = runs;
  const { firstBlock, blocks, proposer, attested } = first!;
  const changes: readonly Partial<AttendanceRun>[] = [
    { firstBlock: firstBlock + 1n },
    { blocks: blocks + 1 },
    { blocks: 0 },
    { proposer: proposer ^ 1 },
    { attested: attested & -attested },
    { attested: attested | (1n << 40n) },
    {},
  ];
  const change = changes[Math.floor(random() * changes.length)]!;
  const other = Object.keys(change).length === 0 ? epoch + 1n : epoch;
  return encodeAttendance({ epoch: other, runs: [{ ...first!, ...change }, ...more] });
}

type PayloadMessage = Extract<MeshMessage, { kind: "payload" }>;

const framed = (channel: number, body: Uint8Array): Uint8Array => Uint8Array.from([channel, ...body]);

/** The attestation in a message of the attestation channel, or nothing. */
function attestationIn(message: Uint8Array): SignedAttestation | undefined {
  if (message[0] !== MeshChannel.attestations) return undefined;
  const given = decodeAttestationMessage(message.subarray(1));
  return given.kind === "attestation" ? given : undefined;
}

/** Another block of the same number, as signed by `keyName`. */
function otherBlock({ attestation }: SignedAttestation, { keyName, keyring }: ViceOptions): Uint8Array {
  const other = { ...attestation, blockHash: textHash("another", attestation.blockHash) };
  const signature = keyring.sign(keyName, blockAttestationDigest(domain, other));
  return framed(
    MeshChannel.attestations,
    encodeAttestationMessage({ kind: "attestation", attestation: other, signature }),
  );
}

function equivocate(mesh: Mesh, message: Uint8Array, options: ViceOptions): void {
  const own = attestationIn(message);
  if (!own) return mesh.broadcast(message);
  const other = otherBlock(own, options);
  for (const to of options.others()) {
    const choice = options.random();
    if (choice < 0.6) mesh.send(to, message);
    if (choice > 0.4) mesh.send(to, other);
  }
}

/** Speaks like an honest member, and adds what nobody signed. */
class Forger implements Mesh {
  readonly #mesh: Mesh;
  readonly #options: ViceOptions;
  readonly #heard: Uint8Array[] = [];

  constructor(mesh: Mesh, options: ViceOptions) {
    this.#mesh = mesh;
    this.#options = options;
  }

  receive(receiver: (from: Address, message: Uint8Array) => void): () => void {
    return this.#mesh.receive((from, message) => {
      if (this.#heard.length < 500) this.#heard.push(message);
      else this.#heard[Math.floor(this.#options.random() * 500)] = message;
      receiver(from, message);
    });
  }

  /** Whoever asks for a decided height gets another payload under its true certificate first. */
  send(to: Address, message: Uint8Array): void {
    if (message[0] === MeshChannel.consensus) {
      const given = decodeMeshMessage(message.subarray(5));
      if (given.kind === "decided" && this.#options.random() < 0.5)
        this.#mesh.send(to, framedAs(message, { ...given, envelope: this.#retold(given.envelope) }));
    }
    this.#mesh.send(to, message);
  }

  #retold(envelope: Uint8Array): Uint8Array {
    return retold(envelope, this.#options.random, this.#options.others());
  }

  broadcast(message: Uint8Array): void {
    this.#mesh.broadcast(message);
    const { random } = this.#options;
    const heard = this.#heard[Math.floor(random() * this.#heard.length)];
    if (heard && random() < 0.2) this.#mesh.broadcast(heard);
    if (random() < 0.02) this.#mesh.broadcast(noise(message, random));
    for (const forged of message[0] === MeshChannel.consensus ? this.#votes(message) : this.#signatures(message))
      if (random() < 0.5) this.#mesh.broadcast(forged);
  }

  /** Own signature under the names of others: alone, as a certificate, for another epoch and far away. */
  #signatures(message: Uint8Array): readonly Uint8Array[] {
    const own = attestationIn(message);
    if (!own) return [];
    const { setOf, random } = this.#options;
    const { attestation, signature } = own;
    const { members } = setOf(attestation.epoch);
    const { generation, epoch, number } = attestation;
    const everybody = { bitmap: (1n << BigInt(members.length)) - 1n, signatures: repeated(signature, members.length) };
    const invented = members.map(({ signer }) => inventedSignature(signer, random));
    const certificate = (more: object) => ({
      kind: "certificate" as const,
      generation,
      epoch,
      number,
      ...everybody,
      ...more,
    });
    return [
      certificate({}),
      certificate({ epoch: epoch + 1n }),
      certificate({ number: number + 1n }),
      certificate({ signatures: concatHex(invented) }),
      { kind: "attestation" as const, attestation, signature: invented[Math.floor(random() * invented.length)]! },
      { kind: "attestation" as const, attestation: { ...attestation, generation: generation + 1 }, signature },
    ].map((forged) => framed(MeshChannel.attestations, encodeAttestationMessage(forged)));
  }

  /** A height as decided that nobody decided, under everybody's name. */
  #falseDecision({ height, round, envelope }: PayloadMessage): MeshMessage {
    const { others, keyring, keyName } = this.#options;
    const other = this.#retold(envelope);
    const value = keccak256(other);
    const signature = keyring.sign(keyName, value);
    const signatures = others().map((victim) => [victim, signature] as const);
    const certificate = { height: Number(height), round, value, signatures };
    return { kind: "decided", certificate, envelope: other };
  }

  /** Own vote under another's name, a vote for something else, and a certificate of one signature many times. */
  #votes(message: Uint8Array): readonly Uint8Array[] {
    const given = decodeMeshMessage(message.subarray(5));
    if (given.kind === "payload") return [framedAs(message, this.#falseDecision(given))];
    if (given.kind !== "bft" || given.message.type !== "vote") return [];
    const vote = given.message;
    const { others, random } = this.#options;
    const victims = others();
    const voter = victims[Math.floor(random() * victims.length)]!;
    const { height, round, value, signature } = vote;
    const signatures = [vote.voter, ...victims].map((victim) => [victim, signature] as const);
    return [
      { kind: "bft" as const, message: { ...vote, voter } },
      { kind: "bft" as const, message: { ...vote, value: textHash("another", value ?? "") } },
      {
        kind: "bft" as const,
        message: { type: "polka" as const, height, round, value: value ?? textHash("nil"), signatures },
      },
    ].map((forged) => framedAs(message, forged));
  }
}

/** A consensus message of the channel and generation of `like`. */
const framedAs = (like: Uint8Array, message: MeshMessage): Uint8Array =>
  Uint8Array.from([...like.subarray(0, 5), ...encodeMeshMessage(message)]);

/** Another proposal in the same envelope. */
function retold(envelope: Uint8Array, random: () => number, others: readonly Address[]): Uint8Array {
  const fields = decodeRlp(envelope);
  if (!Array.isArray(fields)) return envelope;
  const [proposal] = fields.slice(-1);
  if (!(proposal instanceof Uint8Array) || proposal.length === 0) return envelope;
  return encodeRlp([...fields.slice(0, -1), tampered(proposal, random, others)]);
}

const repeated = (signature: Hex, times: number): Hex => concatHex(Array.from({ length: times }, () => signature));

const inventedSignature = (signer: Address, random: () => number): Hex =>
  `0x${signer.slice(2).padStart(64, "0")}${textHash("invented", random()).slice(2)}1b`;

function noise(message: Uint8Array, random: () => number): Uint8Array {
  const bytes = message.slice();
  for (let change = 0; change < 3; change++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return bytes;
}
