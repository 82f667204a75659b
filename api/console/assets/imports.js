// Suppliers' catalogues and partners' files of purchases on their way in.

import {
  badge, bar, code, el, empty, facts, failed, liveness, loading, opening, own, section, showing, table, time,
  worker,
} from "./build.js";
import { CATALOGUE_IMPORTS, INTAKES, REFUSED_ITEMS, REFUSED_LINES } from "./documents.js";
import { counted } from "./progress.js";
import { repeat } from "./turns.js";
import { count, say } from "./words.js";

const RUNNING_MS = 2_000;
const RESTING_MS = 20_000;

export function openImports(place, { door, wrong }) {
  const kinds = [
    { field: "catalogueImports", document: CATALOGUE_IMPORTS, card: catalogueCard },
    { field: "purchaseIntakes", document: INTAKES, card: intakeCard },
  ];
  const parts = kinds.map((kind) => followed(door, kind));
  const live = liveness();
  let isRunning = false;

  const turns = repeat(async () => {
    let isSignedOut = false;
    let isStale = false;
    const running = await Promise.all(
      parts.map(async (part) => {
        try {
          return await part.read();
        } catch (error) {
          isSignedOut ||= wrong(error.kind);
          isStale = true;
          if (!isSignedOut) part.fail(error, () => turns.now());
          return false;
        }
      }),
    );
    isRunning = running.includes(true);
    live.stale(isStale);
  }, () => (isRunning ? RUNNING_MS : RESTING_MS));

  place.append(el("div", { class: "bar-of-page" }, live.element));
  kinds.forEach((kind, index) =>
    place.append(section(say(`section.${kind.field}`), parts[index].element)),
  );
  return { close: () => turns.end() };
}

// A list of cards, the newest first; each is drawn again only when what it tells has changed.
function followed(door, { field, document, card }) {
  const cards = el("div", { class: "cards" });
  const more = el("div", { class: "more" });
  const list = el("div", {}, loading());
  const known = new Map();
  let isPaged = false;

  function show(node) {
    let one = known.get(node.id);
    if (one === undefined) {
      one = card(door, node);
      known.set(node.id, one);
    }
    one.show(node);
    return one.element;
  }

  function offerMore({ hasNextPage, endCursor }) {
    more.replaceChildren();
    if (!hasNextPage) return;
    more.append(...worker(say("more"), async () => {
      const next = (await door.ask(document, { after: endCursor }))[field];
      isPaged = true;
      next.edges.forEach(({ node }) => cards.append(show(node)));
      offerMore(next.pageInfo);
    }));
  }

  return {
    element: list,
    async read() {
      const found = (await door.ask(document, { after: null }))[field];
      const nodes = found.edges.map((one) => one.node);
      if (nodes.length === 0) {
        list.replaceChildren(empty(say(`nothing.${field}`)));
        return false;
      }
      nodes.forEach((node, index) => {
        const made = show(node);
        if (cards.children[index] !== made) cards.insertBefore(made, cards.children[index] ?? null);
      });
      if (!cards.isConnected) list.replaceChildren(cards, more);
      if (!isPaged) offerMore(found.pageInfo);
      return nodes.some((one) => one.state === "RUNNING");
    },
    fail(error, again) {
      if (known.size === 0) list.replaceChildren(failed(error, again));
    },
  };
}

// The frame of a card: its heading, its bar, its facts, and what was refused.
function cardOf(refusals) {
  const heading = el("h3");
  const bars = el("div", { class: "bars" });
  const about = el("div");
  const inside = el("div");
  const element = el("article", { class: "card" }, heading, bars, about, inside);
  const draw = showing(about);
  let drawn = null;
  let refusedCount = -1;
  return {
    element,
    show({ title, badge: state, row, pairs, node }) {
      heading.replaceChildren(title, state);
      if (row === null) {
        bars.replaceChildren();
        drawn = null;
      } else if (drawn === null) {
        drawn = bar(say(row.label), row);
        bars.replaceChildren(drawn.element);
      } else {
        drawn.update(row);
      }
      draw(node, () => facts(pairs));
      if (node.refused === refusedCount) return;
      refusedCount = node.refused;
      const isOpen = inside.firstElementChild?.open ?? false;
      inside.replaceChildren();
      if (node.refused === 0) return;
      const made = opening(say("refused", { count: count(node.refused) }), (place) =>
        refusals(node, place));
      made.open = isOpen;
      inside.append(made);
    },
  };
}

function catalogueCard(door) {
  const frame = cardOf(async (node, place) => {
    const { node: found } = await door.ask(REFUSED_ITEMS, { id: node.id });
    const names = ["item", "sku", "why"].map((name) => say(`column.${name}`));
    const rows = (found?.refusals.edges ?? []).map(({ node: one }) => [
      count(one.item), code(one.supplierSku ?? "–"), one.reasons.map((it) => el("div", {}, own(it))),
    ]);
    place.replaceChildren(
      table(say("table.refused"), names, rows),
      ...firstOnly(found?.refusals.pageInfo),
    );
  });
  return {
    element: frame.element,
    show: (node) =>
      frame.show({
        node,
        title: own(node.supplier?.name ?? "–"),
        badge: badge("catalogueImport", node.state),
        row: { ...counted("items", node.itemsDone, node.items), label: "bar.items" },
        pairs: [
          [say("fact.startedBy"), el("span", {}, own(node.startedBy), " · ", time(node.startedAt))],
          [say("fact.finishedAt"), node.finishedAt && time(node.finishedAt)],
          ...["added", "changed", "unchanged", "withdrawn", "withheld"].map((name) => [
            say(`fact.${name}`), node[name] ? count(node[name]) : null,
          ]),
          [say("fact.todo"), node.state === "AWAITING_APPROVAL" ? say("import.approve") : null],
        ],
      }),
  };
}

function intakeCard(door) {
  const frame = cardOf(async (node, place) => {
    const { purchaseIntake: found } = await door.ask(REFUSED_LINES, { id: node.id });
    const names = ["line", "purchase", "why"].map((name) => say(`column.${name}`));
    const rows = (found?.refusals.edges ?? []).map(({ node: one }) => [
      count(one.line), code(one.externalId ?? "–"), own(one.message),
    ]);
    place.replaceChildren(
      table(say("table.refused"), names, rows),
      ...firstOnly(found?.refusals.pageInfo),
    );
  });
  return {
    element: frame.element,
    show: (node) =>
      frame.show({
        node,
        title: el("span", {}, own(node.partner?.name ?? "–"), " ", code(node.fileName ?? "")),
        badge: badge("purchaseIntake", node.state),
        row: linesRow(node),
        pairs: [
          [say("fact.startedAt"), time(node.startedAt)],
          [say("fact.finishedAt"), node.finishedAt && time(node.finishedAt)],
          [say("fact.recorded"), count(node.recorded)],
          [say("fact.replayed"), node.replayed ? count(node.replayed) : null],
          [say("fact.todo"), node.state === "STOPPED" ? say("import.stopped") : null],
        ],
      }),
  };
}

// How many lines a file has is known once its end was reached.
function linesRow(node) {
  const row = { name: "lines", label: "bar.lines", unit: null, done: node.linesTaken };
  if (node.lines !== null) return { ...row, ...counted("lines", node.linesTaken, node.lines) };
  return node.state === "RUNNING" ? { ...row, total: null, part: null } : null;
}

const firstOnly = (pageInfo) =>
  pageInfo?.hasNextPage ? [el("p", { class: "small" }, say("refusedFirst"))] : [];
