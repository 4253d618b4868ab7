import { EvidenceStore } from "@metis/committee";
import { signingDomain } from "@metis/protocol";
import type { Service } from "@metis/runtime";
import { BlockAdopter } from "../feed/adopter.ts";
import { FeedComparison } from "../feed/comparison.ts";
import { FeedFollower } from "../feed/follower.ts";
import type { FeedView } from "../feed/progress.ts";
import { FeedProgress } from "../feed/progress.ts";
import { remoteFeed } from "../feed/source.ts";
import { AnchorSource } from "../sequencer/anchors.ts";
import { recoverDigestSigner } from "../signatures.ts";
import type { EvidenceDesk } from "../pool/evidence.ts";
import { wireWatching } from "./accusing.ts";
import type { NodeBase } from "./base.ts";

/** Runs a change of the chain while nobody else makes one. */
type Exclusively = <T>(change: () => Promise<T>) => Promise<T>;

/** What a node without a seat does beside derivation. */
export interface Replica {
  readonly services: readonly Service[];
  /** What follows the feeds that it is given; nothing when there are none. */
  readonly feed: FeedView | undefined;
  readonly evidence: EvidenceDesk;
}

/** Follows the feeds that it is given and L1, and gathers what they show against members. */
export function wireReplica(base: NodeBase, exclusively: Exclusively): Replica {
  const { gatherer, evidence } = wireWatching(base);
  const feeds = wireFeeds(base, exclusively, () => gatherer.wake());
  if (!feeds) return { services: [gatherer], feed: undefined, evidence };
  return { services: [gatherer, feeds.follower, feeds.comparison], feed: feeds.follower, evidence };
}

/** `found` is told of new evidence. */
function wireFeeds(base: NodeBase, exclusively: Exclusively, found: () => void) {
  const { options, deployment, mvm, chain, heads, status, l1, watcher, deposits, clock, metrics } = base;
  const { chainConfig: config, genesisConfig } = deployment;
  const urls = options["feed.urls"];
  if (options.role !== "replica" || urls.length === 0) return undefined;
  const upToHead = {
    usableAnchor: () => watcher.view.head.number,
    subscribe: watcher.subscribe.bind(watcher),
  };
  const domain = signingDomain(genesisConfig);
  const sources = urls.map((url) => remoteFeed(url, config.maxBlockBytes));
  const adopter = new BlockAdopter({
    config,
    domain,
    mvm,
    chain,
    heads,
    status,
    sets: base.epochSets,
    anchors: new AnchorSource(l1, deposits, upToHead, config),
    watcher,
    exclusively,
  });
  const follower = new FeedFollower({
    sources,
    adopter,
    status,
    heads,
    watcher,
    progress: new FeedProgress({ heads, reader: mvm.reader, clock, metrics }),
    clock,
    logger: base.logger.child({ service: "feed" }),
    metrics,
    silenceMs: options["feed.silenceMs"],
  });
  const comparison = new FeedComparison({
    sources,
    domain,
    chain,
    heads,
    sets: base.epochSets,
    evidence: new EvidenceStore(base.store),
    recover: recoverDigestSigner,
    found,
    clock,
    logger: base.logger.child({ service: "feed" }),
  });
  return { follower, comparison };
}
