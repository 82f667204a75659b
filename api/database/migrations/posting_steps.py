"""How the posting function reads and judges: the steps before anything is written.

Loops, not joins, connect what belongs together: between arrays a plan cannot know its sizes.
"""

# Each account once, in order, with what its type says of it; and of each line, which account it is.
READ_ACCOUNTS = """
  SELECT array_agg(x.rank ORDER BY x.place),
      array_agg(x.account_id ORDER BY x.rank) FILTER (WHERE x.is_first),
      array_agg(a.unit ORDER BY x.rank) FILTER (WHERE x.is_first),
      array_agg(a.is_open ORDER BY x.rank) FILTER (WHERE x.is_first),
      array_agg(a.normal ORDER BY x.rank) FILTER (WHERE x.is_first),
      array_agg(a.is_floored ORDER BY x.rank) FILTER (WHERE x.is_first),
      array_agg(a.is_kept ORDER BY x.rank) FILTER (WHERE x.is_first),
      array_agg(a.has_lots ORDER BY x.rank) FILTER (WHERE x.is_first),
      bool_or(a.is_new), bool_or(a.has_limit)
    INTO v_ranks, v_accounts, v_own_units, v_are_open, v_normals, v_are_floored, v_are_kept,
      v_have_lots, v_is_new, v_has_limits
    FROM (
      SELECT u.account_id, u.place, (dense_rank() OVER by_account)::int AS rank,
          u.account_id IS DISTINCT FROM lag(u.account_id) OVER by_account AS is_first
        FROM unnest(p_accounts) WITH ORDINALITY AS u (account_id, place)
        WINDOW by_account AS (ORDER BY u.account_id)
    ) x
    LEFT JOIN LATERAL (
      SELECT CASE WHEN y.unit_kind = ANY (t.unit_kinds) THEN y.unit::text ELSE '' END AS unit,
          y.status = 'open' AS is_open, t.normal,
          t.floor <> 'none' AS is_floored, t.floor = 'limit' AS has_limit, t.mode = 'sync' AS is_kept, t.has_lots,
          t.mode = 'sync' AND NOT EXISTS (SELECT 1 FROM payouts.balance b
            WHERE b.book_id = p_book AND b.account_id = y.account_id) AS is_new
        FROM payouts.account y JOIN payouts.account_type t ON t.type = y.type
        WHERE x.is_first AND y.book_id = p_book AND y.account_id = x.account_id OFFSET 0
    ) a ON true;
"""

# One line of a journal: what is wrong with it, and what it moves on an account that is kept.
_READ_LINE = """
      v_account := p_accounts[v_at];
      v_unit := p_units[v_at];
      v_amount := p_amounts[v_at];
      v_rank := v_ranks[v_at];
      v_told_accounts := v_told_accounts || ',' || v_account::text;
      v_told_units := v_told_units || ',' || v_unit;
      v_told_amounts := v_told_amounts || ',' || v_amount::text;
      IF v_account IS NULL OR v_unit IS NULL OR v_amount IS NULL OR v_amount = 0 THEN
        v_fault := 'MZ002';
      ELSIF v_own_units[v_rank] IS NULL THEN
        v_fault := least(v_fault, 'MZ004');
      ELSIF NOT v_are_open[v_rank] THEN
        v_fault := least(v_fault, 'MZ005');
      ELSIF v_own_units[v_rank] <> v_unit THEN
        v_fault := least(v_fault, 'MZ013');
      ELSIF v_amount = -9223372036854775808 THEN
        v_fault := least(v_fault, 'MZ017');
      END IF;
      v_sum := v_sum + v_amount;
      v_is_mixed := v_is_mixed OR v_unit <> p_units[v_starts[v_item]];
      IF v_are_kept[v_rank] THEN
        v_move := v_latest[v_rank];
        -- The moves of a journal that was refused are written over: the latest may be another's.
        IF v_move IS NULL OR v_move > v_moves OR v_move_items[v_move] <> v_item
            OR v_move_ranks[v_move] <> v_rank THEN
          v_moves := v_moves + 1;
          v_move := v_moves;
          v_latest[v_rank] := v_move;
          v_move_items[v_move] := v_item;
          v_move_ranks[v_move] := v_rank;
          v_move_lines[v_move] := v_at - v_starts[v_item] + 1;
          v_move_debits[v_move] := 0;
          v_move_credits[v_move] := 0;
          v_move_named[v_move] := 0;
          v_move_parts[v_move] := v_part;
        END IF;
        IF v_amount > 0 THEN
          v_move_debits[v_move] := v_move_debits[v_move] + v_amount;
        ELSE
          v_move_credits[v_move] := v_move_credits[v_move] - v_amount;
        END IF;
      END IF;
"""

# The parts that it names, each of a line that has lots, positive, together not above the line.
_READ_PARTS = """
      v_named := 0;
      WHILE p_part_lines[v_part] = v_at LOOP
        v_named := v_named + p_part_amounts[v_part];
        v_told_parts := concat_ws(':', v_told_parts, v_at - v_starts[v_item] + 1,
          p_part_amounts[v_part], p_part_origin_kinds[v_part], p_part_origin_ids[v_part], p_part_funders[v_part]);
        IF v_have_lots[v_rank] IS NOT TRUE OR v_named > abs(v_amount::numeric)
            OR p_part_amounts[v_part] IS NULL OR p_part_amounts[v_part] <= 0 THEN
          v_fault := 'MZ002';
        ELSE
          v_move_named[v_move] := v_move_named[v_move] + p_part_amounts[v_part];
        END IF;
        v_part_items[v_part] := v_item;
        v_part_accounts[v_part] := v_account;
        v_part_numbers[v_part] := v_at - v_starts[v_item] + 1;
        v_part_grants[v_part] := v_amount < 0;
        v_part := v_part + 1;
      END LOOP;
"""

# An array that is filled in no order begins whole: its first element would be its beginning.
READ_JOURNALS = f"""
  v_months := array_fill(NULL::date, ARRAY[v_count]);
  v_are_moved := array_fill(false, ARRAY[coalesce(cardinality(v_accounts), 0)]);
  v_latest := array_fill(NULL::int, ARRAY[coalesce(cardinality(v_accounts), 0)]);
  FOR v_item IN 1..v_count LOOP
    v_starts[v_item] := v_at;
    v_first := v_moves + 1;
    v_fault := NULL;
    v_sum := 0;
    v_is_mixed := false;
    v_told_accounts := '';
    v_told_units := '';
    v_told_amounts := '';
    v_told_parts := NULL;
    WHILE p_items[v_at] = v_item LOOP
      {_READ_LINE}
      {_READ_PARTS}
      v_at := v_at + 1;
    END LOOP;
    v_sizes[v_item] := v_at - v_starts[v_item];
    IF v_sizes[v_item] NOT BETWEEN 2 AND 1000 THEN
      v_fault := 'MZ002';
    ELSIF v_is_mixed THEN
      PERFORM 1 FROM unnest(p_items, p_units, p_amounts) AS x (item, unit, amount)
        WHERE x.item = v_item GROUP BY x.unit HAVING sum(x.amount) <> 0;
      v_fault := least(v_fault, CASE WHEN FOUND THEN 'MZ003' END);
    ELSIF v_sum <> 0 THEN
      v_fault := least(v_fault, 'MZ003');
    END IF;
    v_faults[v_item] := v_fault;
    v_hashes[v_item] := sha256(convert_to(concat_ws('|', p_kinds[v_item], p_cause_kinds[v_item],
      p_cause_ids[v_item], p_reverses[v_item]::text, '{{' || substr(v_told_accounts, 2) || '}}',
      '{{' || substr(v_told_units, 2) || '}}', '{{' || substr(v_told_amounts, 2) || '}}',
      'restores ' || p_restores[v_item]::text, 'parts ' || v_told_parts), 'UTF8'));
    IF v_fault IS NOT NULL THEN
      v_moves := v_first - 1;
    ELSE
      FOR k IN v_first..v_moves LOOP
        v_are_moved[v_move_ranks[k]] := true;
      END LOOP;
      v_month := date_trunc('month', p_effective_at[v_item] AT TIME ZONE v_zone)::date;
      v_months[v_item] := v_month;
      IF array_position(v_months_entered, v_month) IS NULL THEN
        v_months_entered := v_months_entered || v_month;
      END IF;
    END IF;
  END LOOP;
  IF v_at <= cardinality(p_items) OR v_part <= cardinality(p_part_lines) THEN
    RAISE EXCEPTION 'lines stand in the order of their journals, parts in that of their lines'
      USING ERRCODE = 'MZ002';
  END IF;
"""

ENTER_PERIODS = """
  FOREACH v_month IN ARRAY v_months_entered LOOP
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
  IF v_moves > 0 THEN
    IF v_is_new THEN
      INSERT INTO payouts.balance (book_id, account_id, network_id)
        SELECT p_book, a.account_id, v_network
          FROM unnest(v_accounts, v_are_moved) AS a (account_id, is_moved) WHERE a.is_moved
        ON CONFLICT (book_id, account_id) DO NOTHING;
    END IF;
    SELECT array_agg(b.debit ORDER BY a.rank), array_agg(b.credit ORDER BY a.rank),
        array_agg(b.held ORDER BY a.rank), bool_or(a.is_moved AND b.held IS NULL)
      INTO v_debits, v_credits, v_held, v_is_missing
      FROM unnest(v_accounts, v_are_moved) WITH ORDINALITY AS a (account_id, is_moved, rank)
      LEFT JOIN LATERAL (
        SELECT x.debit::numeric AS debit, x.credit::numeric AS credit, x.held
          FROM payouts.balance x
          WHERE a.is_moved AND x.book_id = p_book AND x.account_id = a.account_id
          FOR NO KEY UPDATE
      ) b ON true;
    IF v_is_missing THEN
      RAISE EXCEPTION 'a balance row is missing' USING ERRCODE = 'MZ010';
    END IF;
    IF v_has_limits THEN
      -- A limit is as if less were held. Under the lock nobody changes it: what it was before counts not.
      SELECT array_agg(h.held - coalesce(l.floor_limit, 0) ORDER BY h.rank) INTO v_held
        FROM unnest(v_accounts, v_held) WITH ORDINALITY AS h (account_id, held, rank)
        LEFT JOIN LATERAL (SELECT y.floor_limit
          FROM payouts.account y JOIN payouts.account_type t ON t.type = y.type
          WHERE y.book_id = p_book AND y.account_id = h.account_id AND t.floor = 'limit' OFFSET 0
        ) l ON true;
    END IF;
  END IF;
"""

# Keys are looked up under the locks, so that of two equal requests the second finds the first.
# Journals are in partitions, and to read one costs a lock of each: only for a replay they are.
READ_KEYS = """
  SELECT array_agg(k.journal_id ORDER BY x.item), bool_or(k.journal_id IS NOT NULL),
      count(DISTINCT x.key COLLATE "C") < count(x.key)
    INTO v_ids, v_are_found, v_has_doubles
    FROM unnest(p_keys) WITH ORDINALITY AS x (key, item)
    LEFT JOIN LATERAL (SELECT q.journal_id FROM payouts.journal_key q
      WHERE q.book_id = p_book AND q.ledger_key = x.key OFFSET 0) k ON true;
  IF v_are_found THEN
    SELECT array_agg(k.request_hash ORDER BY x.item) INTO v_found_hashes
      FROM unnest(v_ids) WITH ORDINALITY AS x (journal_id, item)
      LEFT JOIN LATERAL (SELECT j.request_hash FROM payouts.journal j
        WHERE j.book_id = p_book AND j.journal_id = x.journal_id OFFSET 0) k ON true;
  END IF;
  IF v_has_doubles THEN
    SELECT array_agg(q.first_item ORDER BY q.item) INTO v_firsts FROM (
      SELECT x.item, (min(x.item) OVER (PARTITION BY x.key COLLATE "C"))::int AS first_item
        FROM unnest(p_keys) WITH ORDINALITY AS x (key, item)
    ) q;
  END IF;
"""

# What it reverses and restores stands in the book and is no reversal; what it takes, there is.
_FIND_FAULT = """
      v_fault := v_faults[v_item];
      v_landing := v_landings[array_position(v_months_entered, v_months[v_item])];
      IF v_fault IS NULL AND v_landing IS NULL THEN
        v_fault := 'MZ006';
      END IF;
      IF v_fault IS NULL AND p_reverses[v_item] IS NOT NULL THEN
        SELECT j.reverses INTO v_reversed FROM payouts.journal j
          WHERE j.book_id = p_book AND j.journal_id = p_reverses[v_item];
        v_fault := CASE WHEN NOT FOUND THEN 'MZ016' WHEN v_reversed IS NOT NULL THEN 'MZ014' END;
      END IF;
      IF v_fault IS NULL AND p_restores[v_item] IS NOT NULL THEN
        PERFORM 1 FROM payouts.journal j
          WHERE j.book_id = p_book AND j.journal_id = p_restores[v_item];
        v_fault := CASE WHEN NOT FOUND THEN 'MZ016' END;
      END IF;
      IF v_fault IS NULL THEN
        FOR k IN v_first..v_at - 1 LOOP
          v_rank := v_move_ranks[k];
          v_debit := v_debits[v_rank] + v_move_debits[k];
          v_credit := v_credits[v_rank] + v_move_credits[k];
          IF v_have_lots[v_rank] AND v_move_debits[k] > 0 AND v_move_credits[k] > 0 THEN
            v_fault := 'MZ002';  -- an account with lots stands on one side of a journal
          ELSIF v_debit > 9223372036854775807 OR v_credit > 9223372036854775807 THEN
            v_fault := 'MZ017';
          ELSIF v_are_floored[v_rank] AND (v_debit - v_credit) * v_normals[v_rank] < v_held[v_rank]
              AND (v_move_debits[k] - v_move_credits[k]) * v_normals[v_rank] < 0 THEN
            v_fault := 'MZ007';
          END IF;
          EXIT WHEN v_fault IS NOT NULL;
        END LOOP;
      END IF;
      IF v_fault IS NULL AND p_reverses[v_item] IS NOT NULL AND NOT payouts.count_reversal(
          p_book, v_network, p_reverses[v_item],
          p_units[v_starts[v_item] : v_starts[v_item] + v_sizes[v_item] - 1],
          p_amounts[v_starts[v_item] : v_starts[v_item] + v_sizes[v_item] - 1]) THEN
        v_fault := 'MZ015';
      END IF;
"""

_ACCEPT = """
        FOR k IN v_first..v_at - 1 LOOP
          v_rank := v_move_ranks[k];
          v_debits[v_rank] := v_debits[v_rank] + v_move_debits[k];
          v_credits[v_rank] := v_credits[v_rank] + v_move_credits[k];
          v_counts[v_rank] := v_counts[v_rank] + 1;
          IF v_have_lots[v_rank] THEN
            v_lot_moves := v_lot_moves || k;
            v_is_special := v_is_special OR v_move_debits[k] > 0 OR p_restores[v_item] IS NOT NULL;
          END IF;
        END LOOP;
        IF v_is_special THEN
          v_special := v_special || v_item;
          v_is_special := false;
        END IF;
        IF v_has_doubles THEN
          v_winners[v_firsts[v_item]] := v_item;
        END IF;
        v_periods[v_item] := v_landing;
        v_ids[v_item] := p_journals[v_item];
        v_outcomes[v_item] := 'posted';
        v_posted := v_posted + 1;
        v_lines := v_lines + v_sizes[v_item];
"""

# In the order given, each against what those before it left.
JUDGE = f"""
  v_at := 1;
  v_periods := array_fill(NULL::date, ARRAY[v_count]);
  v_winners := array_fill(NULL::int, ARRAY[v_count]);
  v_counts := array_fill(0, ARRAY[coalesce(cardinality(v_accounts), 0)]);
  FOR v_item IN 1..v_count LOOP
    v_first := v_at;
    WHILE v_at <= v_moves AND v_move_items[v_at] = v_item LOOP
      v_at := v_at + 1;
    END LOOP;
    v_winner := CASE WHEN v_has_doubles THEN v_winners[v_firsts[v_item]] END;
    IF v_found_hashes[v_item] IS NOT NULL THEN
      v_outcomes[v_item] :=
        CASE WHEN v_found_hashes[v_item] = v_hashes[v_item] THEN 'replayed' ELSE 'MZ008' END;
    ELSIF v_winner IS NOT NULL THEN
      v_ids[v_item] := p_journals[v_winner];
      v_outcomes[v_item] :=
        CASE WHEN v_hashes[v_winner] = v_hashes[v_item] THEN 'replayed' ELSE 'MZ008' END;
    ELSE
      {_FIND_FAULT}
      IF v_fault IS NOT NULL THEN
        v_outcomes[v_item] := v_fault;
      ELSE
        {_ACCEPT}
      END IF;
    END IF;
  END LOOP;
"""
