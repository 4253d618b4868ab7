import {
  AttestationExchange,
  Attester,
  EmbeddedEngine,
  EvidenceStore,
  GenerationalEngine,
  guardedKeys,
  MeshChannel,
  MeshChannels,
  ProtectionStore,
} from "@metis/committee";
import type { CertifiedBlock, ConsensusApplication, Equivocation, Mesh } from "@metis/committee";
import {
  AttendanceBook,
  BlockAttestor,
  BlockMaker,
  ChainHeads,
  ChainStore,
  ChainWriter,
  generationMesh,
  HandoverFollower,
  SequencerApplication,
  Sequencer,
  SigningStatus,
} from "@metis/node/sequencer";
import type { EpochSets } from "@metis/node/sequencer";
import { epochOf, signingDomain } from "@metis/protocol";
import type { Epoch, Generation, SigningDomain } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createMetrics, partOf } from "@metis/runtime";
import type { Clock, Logger, Metrics, Store } from "@metis/runtime";
import type { Address, Hex } from "viem";
import { ModelChain } from "./chain.ts";
import { Deriver } from "./deriver.ts";
import type { Keyring } from "./keys.ts";
import { simulatedConfig as config, textHash } from "./l1.ts";
import type { SeenL1 } from "./l1.ts";

export const domain: SigningDomain = signingDomain(modelGenesis);

export interface MemberOptions {
  readonly keyName: string;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly store: Store;
  readonly mesh: Mesh;
  readonly isReachable: (member: Address) => boolean;
  readonly l1: SeenL1;
  readonly logger: Logger;
  /** What the application that a generation's engine drives is wrapped into. */
  readonly wrap: (application: ConsensusApplication, generation: Generation) => ConsensusApplication;
  readonly certified: (block: CertifiedBlock, chain: ModelChain) => void;
  /** L1 holds another block than this member decided, in a generation that it was in. */
  readonly contradicted: (message: string) => void;
  /** There is new evidence on the disk. */
  readonly equivocated: (found: Equivocation) => void;
  /** The chain goes another way, or another generation begins: what was heard is void. */
  readonly forget: () => void;
}

/** Milliseconds that a proposal's anchor is waited for, as in a node. */
const anchorWaitMs = 300;
/** Metrics say nothing about a simulation. */
const metrics: Metrics = createMetrics();

/** One seat's process: everything that a node runs to decide, commit, sign and certify blocks, on a simulated machine. */
export class Member {
  readonly address: Address;
  readonly chain: ModelChain;
  readonly status: SigningStatus;
  readonly engine: GenerationalEngine<EmbeddedEngine>;
  readonly exchange: AttestationExchange;
  readonly maker: BlockMaker;
  readonly #options: MemberOptions;
  readonly #records: ChainStore;
  readonly #heads: ChainHeads;
  readonly #sequencer: Sequencer;
  readonly #deriver: Deriver;

  constructor(options: MemberOptions) {
    const { keyName, keyring, store, clock, logger, l1, mesh } = options;
    this.#options = options;
    this.address = keyring.address(keyName);
    this.chain = new ModelChain(partOf(store, "mvm"));
    this.#records = new ChainStore(store);
    this.#heads = new ChainHeads(this.#storedHeads(), metrics);
    this.status = new SigningStatus(this.#records, logger, metrics);
    this.status.onGeneration(() => options.forget());
    const channels = new MeshChannels(mesh, logger);
    this.exchange = this.#makeExchange(channels.channel(MeshChannel.attestations));
    const { chain, status } = this;
    const records = this.#records;
    const [sets, heads] = [this.#sets(), this.#heads];
    const attestor = new BlockAttestor({
      reader: chain.reader,
      sets,
      exchange: this.exchange,
      generation: () => status.generation,
      certificateOf: (number) => records.certificate(number),
    });
    const attendance = new AttendanceBook({
      config,
      reader: chain.reader,
      sets,
      attestersOf: (number) => attestor.attestersOf(number),
    });
    const mempool = { pending: () => [], drop: () => undefined, subscribe: () => () => undefined };
    const watcher = {
      get view() {
        return l1.view;
      },
      reach: l1.reach.bind(l1),
      subscribe: () => () => undefined,
    };
    const limits = { maxBuildMs: 100, maxLeadMs: 0, anchorWaitMs };
    this.maker = new BlockMaker({
      config,
      mvm: chain,
      mempool,
      anchors: l1,
      attendance,
      watcher,
      clock,
      metrics,
      proposer: this.address,
      ...limits,
    });
    const { maker } = this;
    const parts = { config, mvm: chain, maker, attestor, status, heads, logger };
    const application = new SequencerApplication({ ...parts, sets });
    this.engine = new GenerationalEngine({
      generation: () => status.generation,
      make: (generation) => this.#makeEngine(generation, application, channels.channel(MeshChannel.consensus)),
      clock,
      logger,
    });
    this.#sequencer = new Sequencer({
      ...parts,
      engine: this.engine,
      chain: records,
      anchors: watcher,
      mempool,
      clock,
      trouble: () => undefined,
      checkSet: async () => undefined,
    });
    const writer = new ChainWriter({
      mvm: chain,
      chain: records,
      heads,
      mempool: undefined,
      exclusively: (change) =>
        this.#sequencer.exclusively(async () => {
          const before = chain.head();
          const result = await change();
          if (chain.block(before.number)?.hash !== before.hash) options.forget();
          return result;
        }),
      logger,
    });
    const { contradicted } = options;
    const following = { writer, heads, status, l1, logger };
    const handovers = new HandoverFollower({
      ...following,
      config,
      sets: l1,
      watcher,
      reader: chain.reader,
      chain: records,
    });
    this.#deriver = new Deriver({ ...following, records, chain, contradicted, handovers });
  }

  /** Highest certified block that this member knows of. */
  get signed(): bigint {
    return this.#heads.heads().signed.number;
  }

  /** The epoch that the next batch on L1 belongs to, as far as this member has derived: no raise goes behind it. */
  get settledEpoch(): Epoch {
    return epochOf(config, this.#records.lastDerived()?.header.anchorNumber ?? config.genesisAnchorNumber);
  }

  start(): Promise<void> {
    return this.#sequencer.start();
  }

  /** Takes over what L1 shows. Throws what the disk throws; to be asked again. */
  look(): Promise<void> {
    return this.#deriver.look();
  }

  /** As a node's: of the generation that it is in, unless asked for another. */
  #sets(): EpochSets {
    const { sets } = this.#options.l1;
    return { ...sets, of: (epoch, generation = this.status.generation) => sets.of(epoch, generation) };
  }

  #storedHeads() {
    const genesis = { number: 0n, hash: this.chain.block(0n)!.hash };
    const unsafe = this.chain.head();
    const derived = this.#records.lastDerived();
    const within = (head: typeof unsafe) => (head.number <= unsafe.number ? head : unsafe);
    const safe = within(derived ? { number: derived.lastBlock, hash: derived.lastBlockHash } : genesis);
    const mark = this.#records.marks().signed ?? genesis;
    return { unsafe, safe, finalized: genesis, signed: within(mark.number > safe.number ? mark : safe) };
  }

  #makeExchange(mesh: Mesh): AttestationExchange {
    const { keyName, keyring, store, clock, logger, l1, certified, contradicted, equivocated } = this.#options;
    const { address } = this;
    const signer = { address, sign: async (digest: Hex) => keyring.sign(keyName, digest) };
    const { signed, safe } = this.#heads.heads();
    return new AttestationExchange(
      {
        domain,
        self: address,
        attester: new Attester(signer, new ProtectionStore(store, address), domain),
        mesh,
        evidence: new EvidenceStore(store),
        recover: keyring.recover,
        isMember: (member) => l1.sets.isMember(member),
        certified: async (block) => {
          certified(block, this.chain);
          const { number, blockHash: hash } = block.attestation;
          await this.#records.putSigned({ number, hash }, block);
          if (number > this.#heads.heads().signed.number) this.#heads.update({ signed: { number, hash } });
        },
        certificateOf: (number) => this.#records.certificate(number),
        equivocated,
        contradicted: (theirs) => contradicted(`the pool signed another block ${theirs.number}`),
        clock,
        logger,
      },
      this.#records.lastDerived()?.header.generation ?? 0,
      signed.number > safe.number ? signed.number : safe.number,
    );
  }

  async #makeEngine(generation: Generation, application: ConsensusApplication, mesh: Mesh): Promise<EmbeddedEngine> {
    const { keyName, keyring, store, clock, logger, l1, isReachable, wrap } = this.#options;
    const { members } = await l1.sets.of(this.#firstEpoch(generation), generation);
    return new EmbeddedEngine({
      address: this.address,
      domain: textHash("engine", generation),
      keys: guardedKeys((digest) => keyring.sign(keyName, digest), keyring.recover),
      genesis: { height: 1n, members },
      rules: { term: config.term, absence: config.term },
      application: wrap(application, generation),
      mesh: generationMesh(mesh, generation),
      isReachable,
      store: partOf(store, `generation/${generation}`),
      clock,
      logger,
    });
  }

  /** That of the parent header which the generation's first batch builds on. */
  #firstEpoch(generation: Generation): Epoch {
    let batch = this.#records.lastDerived();
    while (batch && batch.header.generation >= generation && batch.header.batchIndex > 0n)
      batch = this.#records.derived(batch.header.batchIndex - 1n);
    return epochOf(config, batch?.header.anchorNumber ?? 0n);
  }
}
