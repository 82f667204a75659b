// How far something has come, in rows that a bar is drawn for. Amounts are whole minor units as text,
// and are divided as such: a bar is full when everything arrived, and not a moment before.

export const PARTS = 1000;

export function partOf(done, total) {
  const whole = BigInt(total);
  // Of nothing everything is done.
  if (whole === 0n) return PARTS;
  const part = (BigInt(done) * BigInt(PARTS)) / whole;
  return Number(part < 0n ? 0n : part > BigInt(PARTS) ? BigInt(PARTS) : part);
}

const sum = (rows) => rows.reduce((count, one) => count + one.count, 0);
const arrived = (rows, state) => sum(rows.filter((one) => one.state === state));

// Where nothing moves until a person decides.
const UNBOOKED = new Set(["IN_REVIEW", "ABANDONED"]);
export const OVER = new Set(["SETTLED", "ABANDONED"]);

// The rows of a settlement cycle: its statements, payouts and collections, and the money of both.
export function rowsOf(progress) {
  const outcome = (name) => sum(progress.statements.filter((one) => one.outcome === name));
  const pays = outcome("PAY");
  const collects = outcome("COLLECT");
  const paid = arrived(progress.payouts, "PAID");
  const collected = arrived(progress.collections, "SUCCEEDED");
  const moved = progress.statementsCount - pays - collects + paid + collected;
  const rows = [
    counted("statements", UNBOOKED.has(progress.state) ? 0 : moved, progress.statementsCount),
    counted("payouts", paid, pays),
    counted("collections", collected, collects),
  ];
  for (const one of progress.money) {
    rows.push(moneyRow("paid", one.paid, one.toPay));
    rows.push(moneyRow("collected", one.collected, one.toCollect));
  }
  return rows.filter((one) => one.name === "statements" || BigInt(one.total) > 0n);
}

export function counted(name, done, total) {
  return { name, unit: null, done, total, part: partOf(done, total) };
}

function moneyRow(name, part, whole) {
  return {
    name,
    unit: whole.currency,
    done: part.minor,
    total: whole.minor,
    doneText: part.formatted,
    totalText: whole.formatted,
    part: partOf(part.minor, whole.minor),
  };
}

// How many lines of the provider and of the bank are explained.
export function matchedRow(side) {
  return counted(side.leg, side.matchedCount + side.resolvedCount, side.count);
}
