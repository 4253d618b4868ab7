import { MetisError } from "@metis/protocol";

export type KeyErrorCode =
  /** The file is neither a 0x key nor a keystore, or one that lacks parts. */
  | "keystore-malformed"
  /** A keystore of another version or with another cipher or key derivation. */
  | "keystore-unsupported"
  /** Its key derivation asks for more work or memory than is given to any file. */
  | "keystore-too-expensive"
  | "wrong-password"
  /** A keystore, and nobody said where its password is. */
  | "password-missing"
  | "key-file-unreadable"
  /** There is a file of that name: nothing was written. */
  | "key-file-exists";

/** Why a key cannot be read or written. The message never holds a key or a password. */
export class KeyError extends MetisError<KeyErrorCode> {
  override readonly name = "KeyError";
  constructor(code: KeyErrorCode, message: string, options?: ErrorOptions) {
    super(code, "reject", message, {}, options);
  }
}
