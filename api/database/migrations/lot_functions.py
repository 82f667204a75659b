"""What the posting function calls: lots of member value, and how much of a journal is reversed.

Nobody else may call them; they run as the posting function's owner and with its settings.

Lots are moved under the lock of their account's balance, so that what is left of an account's lots
is its balance at every commit. An increase makes the lots it names, then gives back what the
journal it restores had used (the last used first), then carries over what the same journal takes
from other accounts with lots, terms and all, and makes a plain lot of the rest. A decrease takes
the lots it names, then those that expire soonest.
"""


def _new_lot_id(journal: str, number: str) -> str:
    # The journal's own id and a little more: lots sort as their journals do, and ids of journals
    # of one millisecond stand billions apart.
    low = f"('x' || right({journal}::text, 12))::bit(48)::bigint + {number}"
    return f"(left({journal}::text, 24) || lpad(to_hex(({low}) & x'ffffffffffff'::bigint), 12, '0'))::uuid"


# Parts come first, then what increases name no part for, then what was carried over.
_REST, _CARRIED = 1_000_000, 2_000_000

_LOT_COLUMNS = (
    "book_id, lot_id, network_id, account_id, unit, amount, remaining, origin_kind, origin_id,"
    " funder, earned_at, expires_at, lapses_to, journal_id, line, from_lot_id"
)

# Parts of increases, and what increases name no part for.
_GRANT_PARTS = f"""
    INSERT INTO payouts.lot ({_LOT_COLUMNS})
      SELECT p_book, {_new_lot_id("p_journals[x.item]", "x.place")}, p_network,
          x.account_id, a.unit, x.amount, x.amount, x.origin_kind, x.origin_id, x.funder,
          coalesce(x.earned_at, p_effective_at[x.item]), x.expires_at, x.lapses_to,
          p_journals[x.item], x.line, NULL
        FROM unnest(p_part_items, p_part_accounts, p_part_numbers, p_part_grants, p_part_amounts,
            p_part_origin_kinds, p_part_origin_ids, p_part_funders, p_part_earned_at,
            p_part_expires_at, p_part_lapses_to) WITH ORDINALITY
          AS x (item, account_id, line, is_grant, amount, origin_kind, origin_id, funder,
            earned_at, expires_at, lapses_to, place)
        CROSS JOIN LATERAL (SELECT y.unit FROM payouts.account y
          WHERE y.book_id = p_book AND y.account_id = x.account_id OFFSET 0) a
        WHERE x.is_grant AND p_outcomes[x.item] = 'posted' AND x.item >= v_done AND x.item < v_item;
"""
_GRANT_REST = f"""
    INSERT INTO payouts.lot ({_LOT_COLUMNS})
      SELECT p_book, {_new_lot_id("p_journals[x.item]", f"{_REST} + x.line")}, p_network,
          p_accounts[x.rank], p_units[x.rank], x.rest, x.rest, p_cause_kinds[x.item],
          p_cause_ids[x.item], 'network', p_effective_at[x.item], NULL, 'network',
          p_journals[x.item], x.line, NULL
        FROM (
          SELECT p_move_items[k] AS item, p_move_ranks[k] AS rank, p_move_lines[k] AS line,
              (p_move_credits[k] - p_move_debits[k] - p_move_named[k])::bigint AS rest
            FROM unnest(p_lot_moves) AS k
        ) x
        WHERE x.rest > 0 AND x.item > v_done AND x.item < v_item;
"""

_TERMS = """
      v_account := p_accounts[p_move_ranks[k]];
      v_unit := p_units[p_move_ranks[k]];
      v_line := p_move_lines[k];
"""

_TAKE = """
        v_part := least(v_want, v_lot.remaining);
        UPDATE payouts.lot l SET remaining = l.remaining - v_part
          WHERE l.book_id = p_book AND l.lot_id = v_lot.lot_id;
        INSERT INTO payouts.lot_use (book_id, journal_id, number, network_id, lot_id, line, amount)
          VALUES (p_book, v_journal, v_number, p_network, v_lot.lot_id, v_line, -v_part);
        v_number := v_number + 1;
        v_pool := v_pool || v_lot.lot_id;
        v_pool_units := v_pool_units || v_unit;
        v_pool_rests := v_pool_rests || v_part;
        v_want := v_want - v_part;
"""

_CONSUME = f"""
    v_need := p_move_debits[k];
    v_place := p_move_parts[k];
    WHILE p_move_named[k] > 0 AND p_part_items[v_place] = v_item LOOP
      v_want := CASE WHEN p_part_accounts[v_place] = v_account THEN p_part_amounts[v_place] ELSE 0 END;
      v_need := v_need - v_want;
      FOR v_lot IN
        SELECT l.lot_id, l.remaining FROM payouts.lot l
          WHERE l.book_id = p_book AND l.origin_kind = p_part_origin_kinds[v_place]
            AND l.origin_id = p_part_origin_ids[v_place] AND l.account_id = v_account
            AND l.funder = p_part_funders[v_place] AND l.remaining > 0 AND v_want > 0
          ORDER BY l.expires_at, l.earned_at, l.lot_id
      LOOP
        {_TAKE}
        EXIT WHEN v_want = 0;
      END LOOP;
      v_need := v_need + v_want;
      v_place := v_place + 1;
    END LOOP;
    v_want := v_need;
    IF v_want > 0 THEN
      FOR v_lot IN
        SELECT l.lot_id, l.remaining FROM payouts.lot l
          WHERE l.book_id = p_book AND l.account_id = v_account AND l.remaining > 0
          ORDER BY l.expires_at, l.earned_at, l.lot_id
      LOOP
        {_TAKE}
        EXIT WHEN v_want = 0;
      END LOOP;
    END IF;
    IF v_want > 0 THEN
      RAISE EXCEPTION 'lots of account % lack %', v_account, v_want USING ERRCODE = 'MZ018';
    END IF;
"""

# What the restored journal used of this account's lots and nobody has given back since.
_GIVE_BACK = """
    FOR v_lot IN
      SELECT u.lot_id, max(u.number) AS number, -sum(u.amount) - coalesce((
          SELECT sum(g.amount) FROM payouts.lot_use g WHERE g.book_id = p_book
            AND g.lot_id = u.lot_id AND g.restores = p_restores[v_item]), 0) AS used
        FROM payouts.lot_use u
        CROSS JOIN LATERAL (SELECT l.account_id FROM payouts.lot l
          WHERE l.book_id = p_book AND l.lot_id = u.lot_id OFFSET 0) l
        WHERE u.book_id = p_book AND u.journal_id = p_restores[v_item] AND u.amount < 0
          AND l.account_id = v_account
        GROUP BY u.lot_id ORDER BY number DESC
    LOOP
      EXIT WHEN v_rest = 0;
      v_part := least(v_rest, v_lot.used);
      CONTINUE WHEN v_part <= 0;
      UPDATE payouts.lot l SET remaining = l.remaining + v_part
        WHERE l.book_id = p_book AND l.lot_id = v_lot.lot_id;
      INSERT INTO payouts.lot_use (book_id, journal_id, number, network_id, lot_id, line, amount,
          restores)
        VALUES (p_book, v_journal, v_number, p_network, v_lot.lot_id, v_line, v_part,
          p_restores[v_item]);
      v_number := v_number + 1;
      v_rest := v_rest - v_part;
    END LOOP;
"""

_CARRY = f"""
    FOR n IN 1..cardinality(v_pool) LOOP
      EXIT WHEN v_rest = 0;
      CONTINUE WHEN v_pool_units[n] <> v_unit OR v_pool_rests[n] = 0;
      v_part := least(v_rest, v_pool_rests[n]);
      INSERT INTO payouts.lot ({_LOT_COLUMNS})
        SELECT p_book, {_new_lot_id("v_journal", f"{_CARRIED} + v_carried")}, p_network,
            v_account, l.unit, v_part, v_part, l.origin_kind, l.origin_id, l.funder,
            l.earned_at, l.expires_at, l.lapses_to, v_journal, v_line, l.lot_id
          FROM payouts.lot l WHERE l.book_id = p_book AND l.lot_id = v_pool[n];
      v_carried := v_carried + 1;
      v_pool_rests[n] := v_pool_rests[n] - v_part;
      v_rest := v_rest - v_part;
    END LOOP;
"""

_PLAIN = f"""
      IF v_rest > 0 THEN
        INSERT INTO payouts.lot ({_LOT_COLUMNS})
          VALUES (p_book, {_new_lot_id("v_journal", f"{_REST} + v_line")}, p_network,
            v_account, v_unit, v_rest, v_rest, p_cause_kinds[v_item],
            p_cause_ids[v_item], 'network', p_effective_at[v_item], NULL, 'network', v_journal,
            v_line, NULL);
      END IF;
"""

MOVE_LOTS = f"""
CREATE FUNCTION payouts.move_lots(
  p_book bigint, p_network bigint, p_journals uuid[], p_outcomes text[], p_special int[],
  p_cause_kinds text[], p_cause_ids text[], p_effective_at timestamptz[], p_restores uuid[],
  p_lot_moves int[], p_move_items int[], p_move_ranks int[], p_move_lines int[],
  p_move_debits numeric[], p_move_credits numeric[], p_move_named numeric[],
  p_move_parts int[],
  p_accounts uuid[], p_units text[],
  p_part_items int[], p_part_accounts uuid[], p_part_numbers int[], p_part_grants boolean[],
  p_part_amounts bigint[], p_part_origin_kinds text[], p_part_origin_ids text[],
  p_part_funders text[], p_part_earned_at timestamptz[], p_part_expires_at timestamptz[],
  p_part_lapses_to text[]
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_has_grants boolean := coalesce(true = ANY (p_part_grants), false);
  v_has_rests boolean := false;
  v_done int := 0;
  v_item int;
  k int;
  v_at int;
  v_first int;
  v_journal uuid;
  v_number int;
  v_carried int;
  v_account uuid;
  v_unit text;
  v_line int;
  v_pool uuid[];
  v_pool_units text[];
  v_pool_rests bigint[];
  v_part bigint;
  v_place int;
  v_want bigint;
  v_need bigint;
  v_rest bigint;
  v_lot record;
BEGIN
  FOREACH v_at IN ARRAY p_lot_moves LOOP
    v_has_rests := v_has_rests
      OR p_move_credits[v_at] - p_move_debits[v_at] > p_move_named[v_at];
  END LOOP;
  v_at := 1;
  -- Grants between two special journals are made together, and before the later of the two.
  FOREACH v_item IN ARRAY p_special || (cardinality(p_journals) + 1) LOOP
    IF v_has_grants THEN
      {_GRANT_PARTS}
    END IF;
    IF v_has_rests AND v_item > v_done + 1 THEN
      {_GRANT_REST}
    END IF;
    EXIT WHEN v_item > cardinality(p_journals);
    v_done := v_item;
    v_journal := p_journals[v_item];
    v_number := 1;
    v_carried := 1;
    v_pool := '{{}}';
    v_pool_units := '{{}}';
    v_pool_rests := '{{}}';
    WHILE p_move_items[p_lot_moves[v_at]] < v_item LOOP
      v_at := v_at + 1;
    END LOOP;
    v_first := v_at;
    WHILE p_move_items[p_lot_moves[v_at]] = v_item LOOP
      v_at := v_at + 1;
    END LOOP;
    FOREACH k IN ARRAY p_lot_moves[v_first:v_at - 1] LOOP
      CONTINUE WHEN p_move_credits[k] > 0;
      {_TERMS}
      {_CONSUME}
    END LOOP;
    FOREACH k IN ARRAY p_lot_moves[v_first:v_at - 1] LOOP
      CONTINUE WHEN p_move_debits[k] > 0;
      {_TERMS}
      v_rest := p_move_credits[k] - p_move_named[k];
      IF p_restores[v_item] IS NOT NULL THEN
        {_GIVE_BACK}
      END IF;
      {_CARRY}
      {_PLAIN}
    END LOOP;
  END LOOP;
END $$
"""

COUNT_REVERSAL = """
CREATE FUNCTION payouts.count_reversal(
  p_book bigint, p_network bigint, p_journal uuid, p_units text[], p_amounts bigint[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_units text[];
  v_debits numeric[];
BEGIN
  SELECT array_agg(d.unit ORDER BY d.unit), array_agg(d.debit ORDER BY d.unit)
    INTO v_units, v_debits FROM (
      SELECT x.unit, sum(x.amount) AS debit FROM unnest(p_units, p_amounts) AS x (unit, amount)
        WHERE x.amount > 0 GROUP BY x.unit
    ) d;
  -- All units or none: of several, each must have enough left before any is counted.
  IF cardinality(v_units) > 1 THEN
    PERFORM 1 FROM payouts.journal_reversal r
      WHERE r.book_id = p_book AND r.journal_id = p_journal ORDER BY r.unit FOR NO KEY UPDATE;
    PERFORM 1 FROM unnest(v_units, v_debits) AS d (unit, debit)
      LEFT JOIN LATERAL (SELECT r.posted - r.reversed AS rest FROM payouts.journal_reversal r
        WHERE r.book_id = p_book AND r.journal_id = p_journal AND r.unit = d.unit OFFSET 0) r
        ON true
      WHERE coalesce(r.rest, (SELECT sum(p.amount) FROM payouts.posting p
          WHERE p.book_id = p_book AND p.journal_id = p_journal AND p.unit = d.unit
            AND p.amount > 0), 0) < d.debit;
    IF FOUND THEN
      RETURN false;
    END IF;
  END IF;
  FOR n IN 1..cardinality(v_units) LOOP
    INSERT INTO payouts.journal_reversal AS r (book_id, journal_id, unit, network_id, posted,
        reversed)
      SELECT p_book, p_journal, v_units[n], p_network, sum(p.amount), v_debits[n]
        FROM payouts.posting p
        WHERE p.book_id = p_book AND p.journal_id = p_journal AND p.unit = v_units[n]
          AND p.amount > 0
        HAVING sum(p.amount) >= v_debits[n]
      ON CONFLICT (book_id, journal_id, unit) DO UPDATE
        SET reversed = r.reversed + excluded.reversed
        WHERE r.reversed + excluded.reversed <= r.posted;
    IF NOT FOUND THEN
      IF n > 1 THEN  -- somebody else reversed another part of it since it was checked
        RAISE EXCEPTION 'journal % is being reversed', p_journal USING ERRCODE = '40001';
      END IF;
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$
"""
