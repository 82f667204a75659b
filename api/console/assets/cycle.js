// One settlement cycle: where it stands, how far it is, what waits, and its statements.

import { badge, bar, el, facts, money, own, showing, time } from "./build.js";
import { rowsOf } from "./progress.js";
import { statementsOf } from "./statements.js";
import { count, day, say } from "./words.js";

export function cycleCard(door, first) {
  const heading = el("h3");
  const about = el("div");
  const bars = el("div", { class: "bars" });
  const waits = el("div");
  const inside = el("div");
  const element = el("article", { class: "card" }, heading, about, bars, waits, inside);
  const drawn = new Map();
  const showAbout = showing(about);
  const showWaits = showing(waits);
  let node = first;
  let issued = null;

  function drawHeading() {
    heading.replaceChildren(
      el("span", {}, say("cycle", { number: count(node.number) })),
      own(node.currency ?? ""),
      badge("cycleState", node.state),
    );
  }

  function drawBars(progress) {
    const rows = rowsOf(progress);
    const keys = rows.map((row) => `${row.name} ${row.unit ?? ""}`);
    for (const [key, one] of drawn) {
      if (keys.includes(key)) continue;
      one.element.remove();
      drawn.delete(key);
    }
    rows.forEach((row, index) => {
      const one = drawn.get(keys[index]);
      if (one !== undefined) {
        one.update(row);
        return;
      }
      const made = bar(say(`bar.${row.name}`), row);
      drawn.set(keys[index], made);
      bars.insertBefore(made.element, bars.children[index] ?? null);
    });
  }

  // What is told by following: the rest of the cycle is as it was.
  function update(progress) {
    node = { ...node, state: progress.state, version: progress.version, progress };
    drawHeading();
    drawBars(progress);
    showWaits(progress.waiting, drawWaits);
    const now = `${progress.version} ${progress.state}`;
    if (now === issued) return;
    issued = now;
    // Other statements than before, or other states of them: asked for anew where they are open.
    const made = statementsOf(door, node.id, progress.statementsCount);
    made.open = inside.firstElementChild?.open ?? false;
    inside.replaceChildren(made);
  }

  function show(given) {
    node = given;
    showAbout(node, drawAbout);
    update(node.progress);
  }

  show(first);
  return { element, number: first.number, update, show, state: () => node.state };
}

function drawAbout(node) {
  const approvals = node.approvals.map((one) => el("div", {}, own(one.by), " · ", time(one.at)));
  return facts([
    [say("fact.window"), el("span", {}, node.beforeAt ? time(node.beforeAt) : say("fact.start"),
      " – ", time(node.cutAt))],
    [say("fact.valueOn"), node.valueOn && own(day(node.valueOn))],
    [say("fact.closedBy"), el("span", {}, own(node.closedBy), " · ", time(node.closedAt))],
    [say("fact.reviewEndsAt"), node.state === "IN_REVIEW" ? time(node.reviewEndsAt) : null],
    [say("fact.approvedBy"), approvals.length ? approvals : null],
    [say("fact.approvalsNeeded"), node.approvalsNeeded ? count(node.approvalsNeeded) : null],
    [say("fact.settledAt"), node.settledAt && time(node.settledAt)],
  ]);
}

function drawWaits(waiting) {
  if (waiting.length === 0) return [];
  return el(
    "ul",
    { class: "waits", "aria-label": say("waits") },
    waiting.map((one) =>
      el(
        "li",
        {},
        el("strong", {}, say(`order.${one.kind}`), " ", own(`× ${count(one.count)}`)),
        " ",
        money(one.amount),
        el("div", {}, say(`reason.${one.reason}`)),
        el("div", { class: "small" }, say("since"), " ", time(one.since)),
      ),
    ),
  );
}
