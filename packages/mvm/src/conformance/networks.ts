import { encodeConfiguration, type BlobParameters, type ForkActivation, type PureSchedule } from "../genesis.ts";
import { pureChainConfig } from "../gethGenesis.ts";

/** How the fixtures of Ethereum name forks that the kernel names otherwise. */
const forkNames: Readonly<Record<string, string>> = {
  EIP150: "TangerineWhistle",
  EIP158: "SpuriousDragon",
  ConstantinopleFix: "Petersburg",
  Merge: "Paris",
  BPO1: "Osaka",
  BPO2: "Osaka",
  BPO3: "Osaka",
  BPO4: "Osaka",
};

interface BlobEntry {
  readonly target: string | number;
  readonly max: string | number;
  readonly baseFeeUpdateFraction: string | number;
}

/** `config` of a fixture. */
export interface FixtureConfig {
  readonly chainid?: string;
  readonly blobSchedule?: Readonly<Record<string, BlobEntry>>;
}

/** What fixtures without a schedule of their own mean: Ethereum's (EIP-4844, EIP-7691, EIP-7892). */
const ethereumBlobs: Readonly<Record<string, BlobEntry>> = {
  Cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
  Prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
  Osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
  BPO1: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193 },
  BPO2: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671 },
};

interface Stage {
  readonly name: string;
  readonly at: "block" | "time";
  readonly value: bigint;
}

/** "Osaka" or a transition like "OsakaToBPO1AtTime15k" and "BerlinToLondonAt5". */
function stagesOf(network: string): Stage[] {
  const parts = /^(\w+?)To(\w+?)At(Time)?(\d+)(k?)$/.exec(network);
  if (parts === null) return [{ name: network, at: "block", value: 0n }];
  const [, from, to, time, digits, thousands] = parts;
  return [
    { name: from!, at: "block", value: 0n },
    { name: to!, at: time === undefined ? "block" : "time", value: BigInt(digits!) * (thousands === "k" ? 1000n : 1n) },
  ];
}

function scheduleOf(network: string, config: FixtureConfig): PureSchedule {
  const stages = stagesOf(network);
  const forks: ForkActivation[] = stages.map((stage) => ({ ...stage, name: forkNames[stage.name] ?? stage.name }));
  const blobs: BlobParameters[] = stages.flatMap((stage) => {
    const entry = config.blobSchedule?.[stage.name] ?? ethereumBlobs[stage.name];
    if (entry === undefined) return [];
    const { target, max, baseFeeUpdateFraction } = entry;
    return [
      {
        timestamp: stage.at === "time" ? stage.value : 0n,
        target: Number(target),
        max: Number(max),
        updateFraction: BigInt(baseFeeUpdateFraction),
      },
    ];
  });
  return { forks, blobs };
}

/** The kernel's configuration for a network of the fixtures. */
export const configurationOf = (network: string, config: FixtureConfig): Uint8Array =>
  encodeConfiguration({
    chainConfig: pureChainConfig(BigInt(config.chainid ?? 1), 0n),
    pure: scheduleOf(network, config),
  });
