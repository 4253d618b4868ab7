import { readFile } from "node:fs/promises";
import { MetisError } from "@metis/protocol";
import { jsonCodec } from "@metis/runtime";
import { NodeError } from "../errors.ts";
import type { L1Deployment } from "./deployment.ts";

/** A deployment file that is none, is damaged, or has another format. */
export class DeploymentFileError extends MetisError<"deployment-file-invalid"> {
  override readonly name = "DeploymentFileError";
}

/** 6: with the posters' vault. */
const format = 6;
const codec = jsonCodec<{ readonly format: number; readonly deployment: L1Deployment }>();

/** A deployment as a JSON file: what a node needs to know of its chain. Big integers are `{"$bigint": "12"}`. */
export const encodeDeployment = (deployment: L1Deployment): Uint8Array => codec.encode({ format, deployment });

/** Throws `deployment-file-invalid` for another format or a file that lacks parts. */
export function decodeDeployment(bytes: Uint8Array): L1Deployment {
  const fail = (why: string): never => {
    const advice = "copy the file again from where the chain was deployed";
    throw new DeploymentFileError("deployment-file-invalid", "halt", `the deployment file ${why}: ${advice}`, {});
  };
  let file: { readonly format?: unknown; readonly deployment?: Partial<L1Deployment> };
  try {
    file = codec.decode(bytes);
  } catch {
    return fail("is not JSON");
  }
  if (file?.format !== format) return fail(`has format ${String(file?.format)}, this program reads ${format}`);
  const { chainConfig, genesisConfig, contracts, l2Genesis, genesisOutputRoot, sequencers } = file.deployment ?? {};
  if (!chainConfig || !genesisConfig || !contracts || !l2Genesis || !genesisOutputRoot || !sequencers)
    return fail("lacks parts");
  return { chainConfig, genesisConfig, contracts, l2Genesis, genesisOutputRoot, sequencers };
}

/** The deployment in the file `path`. Throws `NodeError` "config-incomplete" when there is none, and what `decodeDeployment` throws. */
export async function readDeployment(path: string): Promise<L1Deployment> {
  if (path === "") {
    const words = "deployment: not given; it names the deployment.json that says which chain this is";
    throw new NodeError("config-incomplete", "reject", words, { path });
  }
  try {
    return decodeDeployment(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new NodeError("config-incomplete", "reject", `deployment: ${path} is not there`, { path }, { cause });
    throw cause;
  }
}
