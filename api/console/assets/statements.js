// The statements of a cycle, with their documents, which are fetched with the token.

import { badge, el, empty, facts, money, opening, own, table, worker } from "./build.js";
import { STATEMENTS } from "./documents.js";
import { count, say } from "./words.js";

const FORMS = ["PDF", "XLSX", "CSV"];

export function statementsOf(door, cycleId, statementsCount) {
  const summary = say("statements", { count: count(statementsCount) });
  return opening(summary, async (place) => {
    const list = el("div", { class: "pages" });
    const first = await page(door, cycleId, null, list);
    const netting = first.netting === null ? null : nettingOf(first.netting);
    place.replaceChildren(...[netting, list].filter((one) => one !== null));
  });
}

async function page(door, cycleId, after, list) {
  const { settlementCycle } = await door.ask(STATEMENTS, { id: cycleId, after });
  if (settlementCycle === null) {
    list.append(empty(say("nothing.statements")));
    return { netting: null };
  }
  const { edges, pageInfo } = settlementCycle.statements;
  list.append(
    edges.length === 0
      ? empty(say("nothing.statements"))
      : table(say("table.statements"), NAMES.map((name) => say(`column.${name}`)),
        edges.map(({ node }) => cells(door, node))),
  );
  if (pageInfo.hasNextPage) {
    const more = el("div", { class: "more" });
    more.append(...worker(say("more"), async () => {
      await page(door, cycleId, pageInfo.endCursor, list);
      more.remove();
    }));
    list.append(more);
  }
  return settlementCycle;
}

const NAMES = ["statement", "partner", "outcome", "net", "state", "payment", "documents"];

function cells(door, node) {
  const version = node.version > 1 ? ` ${say("version", { number: count(node.version) })}` : "";
  return [
    `${count(node.number)}${version}`,
    own(node.partner?.name ?? "–"),
    say(`outcome.${node.outcome}`),
    money(node.net),
    badge("statementState", node.state),
    paymentOf(node),
    el("div", { class: "files" }, documentsOf(door, node)),
  ];
}

function paymentOf({ payout, collection }) {
  const why = ({ reason }) => reason && el("div", { class: "small" }, say(`reason.${reason}`));
  if (payout) return [badge("payout", payout.state), why(payout)];
  if (collection) return [badge("collection", collection.state), why(collection)];
  return "–";
}

function documentsOf(door, node) {
  return FORMS.flatMap((format) => {
    const found = node.documents.find((one) => one.format === format);
    if (found === undefined) return [];
    const label = say("document", { number: count(node.number), format });
    return worker(format, () => save(door, found.url), { class: "file", "aria-label": label });
  });
}

// Given to the browser as bytes: an address that it could open by itself would need the token in it.
async function save(door, path) {
  const { content, name } = await door.download(path);
  const address = URL.createObjectURL(content);
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function nettingOf(netting) {
  return facts([
    [say("netting.gross"), money(netting.grossVolume)],
    [say("netting.saved"), money(netting.savedVolume)],
    [say("netting.transfers"), own(`${count(netting.transfers)} / ${count(netting.bilateralTransfers)}`)],
  ]);
}
