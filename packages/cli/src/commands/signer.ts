import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { decodeDeployment, openSigningDesk, SignerServer } from "@metis/node";
import { createLogger, createMetrics, openKeyFile, readPasswordFile } from "@metis/runtime";
import type { Secret } from "@metis/runtime";
import type { Command } from "commander";
import { UsageError, toJson } from "../io.ts";
import type { Io } from "../io.ts";
import { knownPassword } from "../keys/passwords.ts";
import { stopSignal } from "../stopSignal.ts";

interface ServeFlags {
  readonly deployment: string;
  readonly dataDir: string;
  readonly keyFile: readonly string[];
  readonly passwordFile?: readonly string[];
  readonly host: string;
  readonly port: string;
  readonly tokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

const serveHelp = `
Keystores are opened once, at start; passwords are asked for where no --password-file is given. The signer decodes what it is asked
to sign, and keeps its own slashing protection in --data-dir: never run two signers for one key. Carry protection with
"metis keys protection export|import". Prints "ready URL"; SIGTERM or Ctrl-C stops it.

Examples:
  metis signer serve --deployment deployment.json --key-file signer.json --password-file signer.password
  metis signer serve --deployment deployment.json --key-file signer.json --host 10.0.0.5 \\
    --token-file signer.token --tls-cert signer.crt --tls-key signer.pem
`;

/** `metis signer`: seats' keys in a process of their own. */
export function signerCommand(root: Command, io: Io): void {
  root
    .command("signer")
    .description("hold seats' keys apart from their nodes")
    .command("serve")
    .description("sign for nodes whose signer.url points here (Web3Signer's eth1 API)")
    .requiredOption("--deployment <file>", "which chain this is, as the deployment wrote it")
    .requiredOption("--key-file <files...>", "keystores, or bare keys")
    .option("--password-file <files...>", "one for each keystore in order, or one for all")
    .option("--data-dir <folder>", "folder of the slashing protection", "signer")
    .option("--host <address>", "address to listen on; beyond loopback a token and TLS are needed", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 takes a free one", "9700")
    .option("--token-file <file>", "its first line is the bearer token that nodes must show")
    .option("--tls-cert <file>", "PEM certificate")
    .option("--tls-key <file>", "PEM key of that certificate")
    .addHelpText("after", serveHelp)
    .action((flags: ServeFlags) => serve(flags, io));
}

async function serve(flags: ServeFlags, io: Io): Promise<void> {
  const stopped = stopSignal();
  const logger = createLogger({ level: "info" });
  const [port, tls] = [portOf(flags.port), tlsOf(flags)];
  const { genesisConfig } = decodeDeployment(readFileSync(there("--deployment", flags.deployment)));
  const keys = await openKeys(flags);
  const options = {
    host: flags.host,
    port,
    token: flags.tokenFile === undefined ? undefined : await readPasswordFile(flags.tokenFile),
    tls,
    logger: logger.child({ service: "signer" }),
    metrics: createMetrics({ process: true }),
  };
  const opened = await openSigningDesk({ dataDir: resolve(flags.dataDir), genesisConfig, keys });
  try {
    const server = new SignerServer({ ...options, desk: opened.desk });
    try {
      await server.start();
      io.out(
        io.json ? toJson({ ready: true, url: server.url, signers: opened.desk.addresses }) : `ready ${server.url}`,
      );
      logger.info("stopping", { signal: await stopped });
    } finally {
      await server.stop();
    }
  } finally {
    await opened.close();
  }
}

async function openKeys({ keyFile, passwordFile = [] }: ServeFlags): Promise<Secret[]> {
  if (passwordFile.length > 1 && passwordFile.length !== keyFile.length)
    throw new UsageError("--password-file takes one file for all keys, or one for each");
  const keys: Secret[] = [];
  for (const [index, file] of keyFile.entries()) {
    const password = passwordFile.length > 1 ? passwordFile[index] : passwordFile[0];
    keys.push(await openKeyFile(file, (path) => knownPassword(path, password)));
  }
  return keys;
}

function tlsOf({ tlsCert, tlsKey }: ServeFlags): { cert: string; key: string } | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UsageError("--tls-cert and --tls-key are given together");
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return {
    cert: readFileSync(there("--tls-cert", tlsCert), "utf8"),
    key: readFileSync(there("--tls-key", tlsKey), "utf8"),
  };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) throw new UsageError(`--port takes a number up to 65535, not "${text}"`);
  return port;
}

function there(option: string, file: string): string {
  if (!existsSync(file)) throw new UsageError(`${option}: there is no file ${file}`);
  return file;
}
