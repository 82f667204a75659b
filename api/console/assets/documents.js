// What the pages ask, and nothing else. A test sends each of these to the server.

const MONEY = "{ minor currency formatted(locale: $locale) }";

const PROGRESS = `fragment Progress on SettlementProgress {
  settlementCycleId state version statementsCount
  statements { outcome count }
  payouts { state reason count }
  collections { state reason count }
  waiting { kind reason count since amount ${MONEY} }
  money { toPay ${MONEY} paid ${MONEY} toCollect ${MONEY} collected ${MONEY} }
}`;

const CYCLE = `fragment Cycle on SettlementCycle {
  id number state currency version beforeAt cutAt valueOn reviewEndsAt closedBy closedAt
  approvals { by at } approvalsNeeded settledAt
  progress { ...Progress }
}
${PROGRESS}`;

export const VIEWER = `query Viewer($locale: Locale!) {
  viewer { kind subject roles network { slug zone currency name(locale: $locale) } }
}`;

export const CYCLES = `query Cycles($locale: Locale!, $since: DateTime, $first: Int!, $after: String) {
  settlementCycles(since: $since, first: $first, after: $after) {
    since until
    totals { count receivable ${MONEY} payable ${MONEY} net ${MONEY} }
    edges { node { ...Cycle } }
    pageInfo { hasNextPage endCursor }
  }
}
${CYCLE}`;

export const ONE_CYCLE = `query OneCycle($locale: Locale!, $id: ID!) {
  settlementCycle(id: $id) { ...Cycle }
}
${CYCLE}`;

export const FOLLOW_CYCLE = `subscription FollowCycle($locale: Locale!, $id: ID!) {
  settlementProgress(settlementCycleId: $id) { ...Progress }
}
${PROGRESS}`;

export const STATEMENTS = `query Statements($locale: Locale!, $id: ID!, $after: String) {
  settlementCycle(id: $id) {
    netting { grossVolume ${MONEY} savedVolume ${MONEY} transfers bilateralTransfers }
    statements(first: 25, after: $after) {
      edges { node {
        id number version state outcome net ${MONEY} carriedForward ${MONEY}
        partner { name(locale: $locale) }
        payout { state reason } collection { state reason }
        documents { format url }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

export const ATTENTION = `query Attention($locale: Locale!, $since: DateTime, $states: [PayoutState!]) {
  settlementCycles(since: $since, first: 100) { edges { node { id state } } }
  halts(open: true) { id invariant breaches openedAt everyNetwork }
  payouts(since: $since, states: $states, first: 20) {
    totals { count amount ${MONEY} }
    edges { node {
      id kind state reason createdAt changedAt amount ${MONEY}
      partner { name(locale: $locale) } member { externalId }
    } }
    pageInfo { hasNextPage endCursor }
  }
  disputes(open: true, first: 20) {
    edges { node {
      id amount ${MONEY} reason openedAt
      statement { number version partner { name(locale: $locale) } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const MATCHING = `query Matching($locale: Locale!, $since: DateTime) {
  reconciliationProgress(since: $since) {
    sides {
      leg count matchedCount resolvedCount proposedCount openCount openSince
      openAmount ${MONEY}
    }
  }
}`;

export const PAYOUTS = `query Payouts(
  $locale: Locale!, $since: DateTime, $states: [PayoutState!], $after: String
) {
  payouts(since: $since, states: $states, first: 25, after: $after) {
    since until
    totals { count amount ${MONEY} }
    edges { node {
      id kind state reason round createdAt changedAt paidAt requestedBy approvedBy amount ${MONEY}
      partner { name(locale: $locale) } member { externalId }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const ATTEMPTS = `query Attempts($locale: Locale!, $id: ID!) {
  payout(id: $id) {
    attempts { leg epoch state externalId code preparedAt resolvedAt amount ${MONEY} }
  }
}`;

export const CATALOGUE_IMPORTS = `query CatalogueImports($after: String) {
  catalogueImports(first: 10, after: $after) {
    edges { node {
      id state items itemsDone added changed unchanged withdrawn refused withheld
      startedBy startedAt finishedAt supplier { name }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const REFUSED_ITEMS = `query RefusedItems($id: ID!) {
  node(id: $id) { ... on CatalogueImport {
    refusals(first: 20) {
      edges { node { item supplierSku reasons } }
      pageInfo { hasNextPage }
    }
  } }
}`;

export const INTAKES = `query Intakes($locale: Locale!, $after: String) {
  purchaseIntakes(first: 10, after: $after) {
    edges { node {
      id state fileName lines linesTaken recorded replayed refused startedAt lastTakenAt finishedAt
      partner { name(locale: $locale) }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const REFUSED_LINES = `query RefusedLines($id: ID!) {
  purchaseIntake(id: $id) {
    refusals(first: 20) {
      edges { node { line externalId message } }
      pageInfo { hasNextPage }
    }
  }
}`;

// Payouts in these states wait for somebody, or for an answer that somebody may ask about.
export const WAITING_STATES = [
  "PENDING_APPROVAL",
  "HELD",
  "WAITING_FUNDS",
  "UNKNOWN",
  "RETURNING",
  "RETURNED",
  "FAILED",
];
