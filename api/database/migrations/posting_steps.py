"""How the posting function reads and judges: the steps before anything is written."""

# What is wrong with a line, or with all lines of its journal; the least code is the verdict.
_FAULT = """
  CASE WHEN l.number = 0 THEN CASE WHEN l.lines NOT BETWEEN 2 AND 1000 THEN 'MZ002' END
    WHEN l.account_id IS NULL OR l.unit IS NULL OR l.amount IS NULL OR l.amount = 0 THEN 'MZ002'
    WHEN l.unit_sum <> 0 THEN 'MZ003'
    WHEN l.own_unit IS NULL THEN 'MZ004'
    WHEN l.status <> 'open' THEN 'MZ005'
    WHEN l.own_unit <> l.unit THEN 'MZ013'
    WHEN l.amount = -9223372036854775808 THEN 'MZ017'
  END COLLATE "C"
"""

# Every journal has a row of its own (place 0), so that one without lines is judged too.
_LINES = f"""
  WITH line AS MATERIALIZED (
    SELECT f.*, min(f.fault) OVER (PARTITION BY f.item ORDER BY f.place
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS item_fault
    FROM (
      SELECT l.*, {_FAULT} AS fault FROM (
        SELECT g.item, g.place, g.account_id, g.unit, g.amount,
            a.unit AS own_unit, a.status, a.normal, a.floor, a.mode, a.has_lots, a.is_new,
            row_number() OVER (PARTITION BY g.item ORDER BY g.place) - 1 AS number,
            count(*) OVER (PARTITION BY g.item) - 1 AS lines,
            sum(g.amount) OVER (PARTITION BY g.item, g.unit COLLATE "C") AS unit_sum
          FROM (
            SELECT i AS item, 0::bigint AS place, NULL::uuid AS account_id, NULL::text AS unit,
              NULL::bigint AS amount FROM generate_series(1, v_count) AS i
            UNION ALL
            SELECT x.item, x.place, x.account_id, x.unit, x.amount
              FROM unnest(p_items, p_accounts, p_units, p_amounts)
                WITH ORDINALITY AS x (item, account_id, unit, amount, place)
          ) g
          LEFT JOIN LATERAL (
            SELECT y.unit, y.status, t.normal, t.floor, t.mode, t.has_lots,
                t.mode = 'sync' AND NOT EXISTS (SELECT 1 FROM payouts.balance b
                  WHERE b.book_id = p_book AND b.account_id = g.account_id) AS is_new
              FROM payouts.account y JOIN payouts.account_type t ON t.type = y.type
              WHERE y.book_id = p_book AND y.account_id = g.account_id OFFSET 0
          ) a ON true
      ) l
    ) f
  )
"""

READ_LINES = f"""
  {_LINES}
  SELECT i.*, n.*, m.* INTO v_faults, v_bodies, v_sizes, v_months, v_months_open, v_numbers, v_lot_lines,
      v_move_items, v_move_accounts, v_move_units, v_move_lines, v_move_debits, v_move_credits,
      v_move_ranks, v_move_normals, v_move_floored, v_move_lots, v_accounts, v_is_new
    FROM (
      SELECT array_agg(q.fault ORDER BY q.item), array_agg(q.body ORDER BY q.item),
          array_agg(q.size ORDER BY q.item), array_agg(q.month ORDER BY q.item),
          array_agg(DISTINCT q.month) FILTER (WHERE q.fault IS NULL)
        FROM (
          SELECT line.item, min(line.fault) AS fault, max(line.number)::smallint AS size,
              concat_ws('|',
                (array_agg(line.account_id ORDER BY line.place) FILTER (WHERE number > 0))::text,
                (array_agg(line.unit ORDER BY line.place) FILTER (WHERE number > 0))::text,
                (array_agg(line.amount ORDER BY line.place) FILTER (WHERE number > 0))::text
              ) AS body,
              date_trunc('month', p_effective_at[line.item] AT TIME ZONE v_zone)::date AS month
            FROM line GROUP BY line.item
        ) q
    ) i CROSS JOIN (
      SELECT array_agg(line.number::smallint ORDER BY line.place),
          array_agg(coalesce(line.has_lots, false) ORDER BY line.place)
        FROM line WHERE line.number > 0
    ) n CROSS JOIN (
      SELECT array_agg(q.item ORDER BY q.item, q.number),
          array_agg(q.account_id ORDER BY q.item, q.number),
          array_agg(q.unit ORDER BY q.item, q.number),
          array_agg(q.number::smallint ORDER BY q.item, q.number),
          array_agg(q.debit ORDER BY q.item, q.number),
          array_agg(q.credit ORDER BY q.item, q.number),
          array_agg(q.rank::int ORDER BY q.item, q.number),
          array_agg(q.normal ORDER BY q.item, q.number),
          array_agg(q.floored ORDER BY q.item, q.number),
          array_agg(q.has_lots ORDER BY q.item, q.number),
          array_agg(DISTINCT q.account_id), bool_or(q.is_new)
        FROM (
          SELECT line.item, line.account_id, line.own_unit AS unit, line.normal, line.has_lots,
              line.floor = 'nonneg' AS floored, line.is_new, min(line.number) AS number,
              sum(greatest(line.amount, 0)) AS debit, -sum(least(line.amount, 0)) AS credit,
              dense_rank() OVER (ORDER BY line.account_id) AS rank
            FROM line WHERE line.mode = 'sync' AND line.item_fault IS NULL
            GROUP BY line.item, line.account_id, line.own_unit, line.normal, line.has_lots,
              line.floor, line.is_new
        ) q
    ) m;
"""

# Named parts of lines: each of a line that has lots, positive, together not above the line.
READ_PARTS = """
  SELECT array_agg(DISTINCT q.item) INTO v_bad_parts FROM (
    SELECT p_items[part.line] AS item FROM unnest(p_part_lines, p_part_amounts) AS part (line, amount)
      GROUP BY part.line
      HAVING bool_or(part.amount IS NULL OR part.amount <= 0)
        OR v_lot_lines[part.line] IS NOT TRUE
        OR sum(part.amount) > abs(p_amounts[part.line]::numeric)
  ) q;
  IF array_position(v_bad_parts, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'a part names its line' USING ERRCODE = 'MZ002';
  END IF;
  SELECT array_agg(p_items[part.line] ORDER BY part.place),
      array_agg(p_accounts[part.line] ORDER BY part.place),
      array_agg(v_numbers[part.line] ORDER BY part.place),
      array_agg(p_amounts[part.line] < 0 ORDER BY part.place)
    INTO v_part_items, v_part_accounts, v_part_numbers, v_part_grants
    FROM unnest(p_part_lines) WITH ORDINALITY AS part (line, place);
  SELECT array_agg(q.body ORDER BY q.item) INTO v_part_bodies FROM (
    SELECT g.item, string_agg(g.body, '|' ORDER BY g.place) AS body FROM (
      SELECT i AS item, 0::bigint AS place, NULL::text AS body FROM generate_series(1, v_count) AS i
      UNION ALL
      SELECT x.item, x.place,
          concat_ws(':', x.number, x.amount, x.origin_kind, x.origin_id, x.funder)
        FROM unnest(v_part_items, v_part_numbers, p_part_amounts, p_part_origin_kinds,
            p_part_origin_ids, p_part_funders) WITH ORDINALITY
          AS x (item, number, amount, origin_kind, origin_id, funder, place)
    ) g GROUP BY g.item
  ) q;
"""

ENTER_PERIODS = """
  FOREACH v_month IN ARRAY coalesce(v_months_open, '{}') LOOP
    v_landing := v_month;
    FOR v_attempt IN 1..2 LOOP
      v_status := NULL;
      SELECT p.status INTO v_status FROM payouts.period p
        WHERE p.book_id = p_book AND p.period = v_landing FOR KEY SHARE;
      IF NOT FOUND THEN
        INSERT INTO payouts.period (book_id, network_id, period)
          SELECT p_book, v_network, v_landing WHERE NOT EXISTS (
            SELECT 1 FROM payouts.period later WHERE later.book_id = p_book
              AND later.period >= v_landing AND later.status = 'closed')
          ON CONFLICT (book_id, period) DO NOTHING;
        SELECT p.status INTO v_status FROM payouts.period p
          WHERE p.book_id = p_book AND p.period = v_landing FOR KEY SHARE;
      END IF;
      EXIT WHEN v_status = 'open' OR v_attempt = 2;
      -- A closed month takes nothing more: it lands in the month it is written in, and says so.
      v_landing := date_trunc('month', p_recorded_at AT TIME ZONE v_zone)::date;
    END LOOP;
    v_landings := v_landings || CASE WHEN v_status = 'open' THEN v_landing END;
  END LOOP;
"""

# New rows first and in order, then all in order: two batches never wait for each other.
LOCK_BALANCES = """
  IF v_is_new THEN
    INSERT INTO payouts.balance (book_id, account_id, network_id)
      SELECT p_book, a, v_network FROM unnest(v_accounts) AS a
      ON CONFLICT (book_id, account_id) DO NOTHING;
  END IF;
  IF v_accounts IS NOT NULL THEN
    SELECT array_agg(b.debit::numeric ORDER BY a.rank), array_agg(b.credit::numeric ORDER BY a.rank),
        array_agg(b.held ORDER BY a.rank)
      INTO v_debits, v_credits, v_held
      FROM unnest(v_accounts) WITH ORDINALITY AS a (account_id, rank)
      CROSS JOIN LATERAL (SELECT x.debit, x.credit, x.held FROM payouts.balance x
        WHERE x.book_id = p_book AND x.account_id = a.account_id FOR NO KEY UPDATE) b;
    IF cardinality(v_held) IS DISTINCT FROM cardinality(v_accounts) THEN
      RAISE EXCEPTION 'a balance row is missing' USING ERRCODE = 'MZ010';
    END IF;
  END IF;
"""

# Keys are looked up under the locks, so that of two equal requests the second finds the first.
READ_KEYS = """
  SELECT array_agg(q.hash ORDER BY q.item), array_agg(q.found ORDER BY q.item),
      array_agg(q.outcome ORDER BY q.item), array_agg(q.first_item ORDER BY q.item)
    INTO v_hashes, v_ids, v_outcomes, v_firsts
    FROM (
      SELECT g.item, g.hash, k.journal_id AS found,
          (min(g.item) OVER (PARTITION BY g.key COLLATE "C"))::int AS first_item,
          CASE WHEN k.request_hash = g.hash THEN 'replayed'
            WHEN k.journal_id IS NOT NULL THEN 'MZ008'
            WHEN g.fault IS NOT NULL THEN g.fault
            WHEN g.item = ANY (v_bad_parts) THEN 'MZ002'
            WHEN v_landings[array_position(v_months_open, g.month)] IS NULL THEN 'MZ006'
            WHEN g.reverses IS NOT NULL AND r.journal_id IS NULL THEN 'MZ016'
            WHEN r.reverses IS NOT NULL THEN 'MZ014'
            WHEN g.restores IS NOT NULL AND s.journal_id IS NULL THEN 'MZ016'
          END AS outcome
        FROM (
          SELECT x.item, x.key, x.reverses, x.restores, x.fault, x.month,
              sha256(convert_to(concat_ws('|', x.kind, x.cause_kind, x.cause_id, x.reverses::text,
                x.body, 'restores ' || x.restores::text, x.parts), 'UTF8')) AS hash
            FROM unnest(p_kinds, p_keys, p_cause_kinds, p_cause_ids, p_reverses, p_restores,
                v_bodies, v_part_bodies, v_faults, v_months) WITH ORDINALITY
              AS x (kind, key, cause_kind, cause_id, reverses, restores, body, parts, fault, month,
                item)
        ) g
        LEFT JOIN LATERAL (SELECT j.journal_id, j.request_hash FROM payouts.journal j
          WHERE j.book_id = p_book AND j.ledger_key = g.key OFFSET 0) k ON true
        LEFT JOIN LATERAL (SELECT j.journal_id, j.reverses FROM payouts.journal j
          WHERE j.book_id = p_book AND j.journal_id = g.reverses OFFSET 0) r ON true
        LEFT JOIN LATERAL (SELECT j.journal_id FROM payouts.journal j
          WHERE j.book_id = p_book AND j.journal_id = g.restores OFFSET 0) s ON true
    ) q;
"""

# In the order given, each against what those before it left.
JUDGE = """
  FOR v_item IN 1..v_count LOOP
    v_first := v_at;
    WHILE v_move_items[v_at] = v_item LOOP
      v_at := v_at + 1;
    END LOOP;
    CONTINUE WHEN v_outcomes[v_item] IS NOT NULL;
    v_winner := v_winners[v_firsts[v_item]];
    IF v_winner IS NOT NULL THEN
      v_ids[v_item] := p_journals[v_winner];
      v_outcomes[v_item] :=
        CASE WHEN v_hashes[v_winner] = v_hashes[v_item] THEN 'replayed' ELSE 'MZ008' END;
      CONTINUE;
    END IF;
    v_fault := NULL;
    FOR k IN v_first..v_at - 1 LOOP
      v_rank := v_move_ranks[k];
      v_debit := v_debits[v_rank] + v_move_debits[k];
      v_credit := v_credits[v_rank] + v_move_credits[k];
      IF v_move_lots[k] AND v_move_debits[k] > 0 AND v_move_credits[k] > 0 THEN
        v_fault := 'MZ002';  -- an account with lots stands on one side of a journal
        EXIT;
      ELSIF v_debit > 9223372036854775807 OR v_credit > 9223372036854775807 THEN
        v_fault := 'MZ017';
        EXIT;
      ELSIF v_move_floored[k] AND (v_debit - v_credit) * v_move_normals[k] < v_held[v_rank]
          AND (v_move_debits[k] - v_move_credits[k]) * v_move_normals[k] < 0 THEN
        v_fault := 'MZ007';
        EXIT;
      END IF;
    END LOOP;
    IF v_fault IS NULL AND p_reverses[v_item] IS NOT NULL AND NOT payouts.count_reversal(
        p_book, v_network, p_reverses[v_item], v_item, p_items, p_units, p_amounts) THEN
      v_fault := 'MZ015';
    END IF;
    IF v_fault IS NOT NULL THEN
      v_outcomes[v_item] := v_fault;
      CONTINUE;
    END IF;
    FOR k IN v_first..v_at - 1 LOOP
      v_rank := v_move_ranks[k];
      v_debits[v_rank] := v_debits[v_rank] + v_move_debits[k];
      v_credits[v_rank] := v_credits[v_rank] + v_move_credits[k];
      v_counts[v_rank] := v_counts[v_rank] + 1;
      IF v_move_lots[k] THEN
        v_lot_moves := v_lot_moves || k;
      END IF;
    END LOOP;
    v_winners[v_firsts[v_item]] := v_item;
    v_ids[v_item] := p_journals[v_item];
    v_outcomes[v_item] := 'posted';
    v_posted := v_posted + 1;
  END LOOP;
"""
