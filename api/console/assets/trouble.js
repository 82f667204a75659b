// What can go wrong between this page and the server, by a word that the page has a sentence for.

export class Trouble extends Error {
  // `kind` is unreachable, busy, wrong_secret, refused, signed_out, forbidden, too_many or failed;
  // `told` is what the server itself said of it.
  constructor(kind, told = "") {
    super(told ? `${kind}: ${told}` : kind);
    this.kind = kind;
    this.told = told;
  }
}

// Anything else that is thrown is a defect of this page, and is shown as a failure.
export const kindOf = (error) => (error instanceof Trouble ? error.kind : "failed");

export async function reach(send) {
  try {
    return await send();
  } catch (error) {
    throw new Trouble("unreachable", error?.message ?? "");
  }
}
