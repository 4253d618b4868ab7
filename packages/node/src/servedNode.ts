import { BaseService, ServiceGroup } from "@metis/runtime";
import type { Health, JsonRpcServer } from "@metis/runtime";

/** Services of one process behind a JSON-RPC server, started and stopped as one. */
export abstract class ServedNode extends BaseService {
  protected readonly group = new ServiceGroup("node");
  protected server: JsonRpcServer | undefined;

  constructor() {
    super("node");
  }

  /** `http://host:port` of JSON-RPC, once started. */
  get rpcUrl(): string {
    return this.server?.url ?? "";
  }

  override health(): Health {
    const own = super.health();
    return own.status === "ok" ? this.group.health() : own;
  }
}
