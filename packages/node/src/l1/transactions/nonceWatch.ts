/** Looks in a row at a wrong nonce before it counts: endpoints know a nonce before its receipt, and lag during reorgs. */
const patience = 20;

/** Tells whether a transaction's nonce can still be its own. */
export class NonceWatch {
  #above = 0;
  #below = 0;

  /** `next` is the sender's nonce at L1's head, while no receipt of the transaction is there. */
  look(nonce: number, next: number): "open" | "taken" | "gap" {
    this.#above = next > nonce ? this.#above + 1 : 0;
    this.#below = next < nonce ? this.#below + 1 : 0;
    if (this.#above > patience) return "taken";
    return this.#below > patience ? "gap" : "open";
  }
}
