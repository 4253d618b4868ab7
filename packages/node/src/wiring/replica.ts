import { signingDomain } from "@metis/protocol";
import { BlockAdopter } from "../feed/adopter.ts";
import { FeedFollower } from "../feed/follower.ts";
import { FeedProgress } from "../feed/progress.ts";
import { remoteFeed } from "../feed/source.ts";
import { AnchorSource } from "../sequencer/anchors.ts";
import type { NodeBase } from "./base.ts";

/** What follows the feeds that a replica is given; nothing when there are none. */
export function wireFeed(
  base: NodeBase,
  exclusively: <T>(change: () => Promise<T>) => Promise<T>,
): FeedFollower | undefined {
  const { options, deployment, mvm, chain, heads, status, l1, watcher, deposits, clock, metrics } = base;
  const { chainConfig: config, genesisConfig } = deployment;
  const urls = options["feed.urls"];
  if (options.role !== "replica" || urls.length === 0) return undefined;
  const upToHead = {
    usableAnchor: () => watcher.view.head.number,
    subscribe: watcher.subscribe.bind(watcher),
  };
  const adopter = new BlockAdopter({
    config,
    domain: signingDomain(genesisConfig),
    mvm,
    chain,
    heads,
    status,
    sets: base.epochSets,
    anchors: new AnchorSource(l1, deposits, upToHead, config),
    watcher,
    exclusively,
  });
  return new FeedFollower({
    sources: urls.map((url) => remoteFeed(url, config.maxBlockBytes)),
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
}
