"""The function that finds rewards by their words."""

# Row-level security lets operators that are not leakproof, as those of words are, look at rows
# only after the policy has; their index then serves nobody. So this belongs to a role that may
# read this table alone, all of it, and is bound to the caller's network by its own first line.
#
# What matches is read once. `misses` has a bit for each fact that is not as chosen: a row without
# any is found, and a fact's values are counted over rows that miss nothing else.
SEARCH_REWARDS = """
CREATE FUNCTION catalog.search_rewards(
  p_network bigint, p_widest tsquery, p_sounding tsquery, p_prefix tsquery, p_whole tsquery,
  p_in_brand tsquery, p_in_title tsquery, p_kinds text[], p_categories text[], p_brands uuid[],
  p_price_bands text[], p_country text, p_deliveries text[], p_score int, p_rank bigint,
  p_reward uuid, p_backward boolean, p_limit int, p_shown uuid[]
) RETURNS TABLE (reward_ids uuid[], scores int[], ranks bigint[], total bigint, facets jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
  IF p_network IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the catalogue of another network' USING ERRCODE = 'MZ001';
  END IF;
  RETURN QUERY
  WITH matches AS MATERIALIZED (
    SELECT s.reward_id, s.rank, s.kind, s.category, s.brand_id, s.price_band, s.countries,
      s.delivery,
      CASE WHEN s.words @@ p_whole THEN 400 WHEN s.words @@ p_prefix THEN 300
        WHEN s.words @@ p_sounding THEN 200 ELSE 100 END
      + CASE WHEN s.words @@ p_in_brand THEN 50 ELSE 0 END
      + CASE WHEN s.words @@ p_in_title THEN 25 ELSE 0 END AS score,
      CASE WHEN p_kinds IS NULL OR s.kind = ANY (p_kinds) THEN 0 ELSE 1 END
      + CASE WHEN p_categories IS NULL OR s.category = ANY (p_categories) THEN 0 ELSE 2 END
      + CASE WHEN p_brands IS NULL OR s.brand_id = ANY (p_brands) THEN 0 ELSE 4 END
      + CASE WHEN p_price_bands IS NULL OR s.price_band = ANY (p_price_bands) THEN 0 ELSE 8 END
      + CASE WHEN p_country IS NULL OR p_country = ANY (s.countries) THEN 0 ELSE 16 END
      + CASE WHEN p_deliveries IS NULL OR s.delivery = ANY (p_deliveries) THEN 0 ELSE 32 END
        AS misses
    FROM catalog.reward_search s
    WHERE s.network_id = p_network AND s.words @@ p_widest
      AND (p_shown IS NULL OR s.reward_id = ANY (p_shown))
  ), page AS (
    (SELECT m.score, m.rank, m.reward_id FROM matches m
      WHERE NOT p_backward AND m.misses = 0
        AND (p_score IS NULL OR (-m.score, m.rank, m.reward_id) > (-p_score, p_rank, p_reward))
      ORDER BY m.score DESC, m.rank, m.reward_id LIMIT p_limit)
    UNION ALL
    (SELECT m.score, m.rank, m.reward_id FROM matches m
      WHERE p_backward AND m.misses = 0
        AND (p_score IS NULL OR (-m.score, m.rank, m.reward_id) < (-p_score, p_rank, p_reward))
      ORDER BY m.score, m.rank DESC, m.reward_id DESC LIMIT p_limit)
  ), counted AS (
    (SELECT 'kind' AS fact, m.kind AS value, count(*) AS rewards
      FROM matches m WHERE m.misses IN (0, 1)
      GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 100)
    UNION ALL
    (SELECT 'category', m.category, count(*) FROM matches m
      WHERE m.misses IN (0, 2) AND m.category IS NOT NULL
      GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 100)
    UNION ALL
    (SELECT 'brand', m.brand_id::text, count(*) FROM matches m
      WHERE m.misses IN (0, 4) AND m.brand_id IS NOT NULL
      GROUP BY m.brand_id ORDER BY 3 DESC, m.brand_id LIMIT 100)
    UNION ALL
    (SELECT 'price_band', m.price_band, count(*) FROM matches m
      WHERE m.misses IN (0, 8) AND m.price_band IS NOT NULL
      GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 100)
    UNION ALL
    (SELECT 'country', c.country, count(*)
      FROM matches m CROSS JOIN LATERAL unnest(m.countries) AS c (country)
      WHERE m.misses IN (0, 16)
      GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 300)
    UNION ALL
    (SELECT 'delivery', m.delivery, count(*) FROM matches m WHERE m.misses IN (0, 32)
      GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 100)
  )
  SELECT p.reward_ids, p.scores, p.ranks,
    (SELECT count(*) FROM matches m WHERE m.misses = 0),
    (SELECT jsonb_agg(jsonb_build_array(c.fact, c.value, c.rewards)
       ORDER BY c.fact, c.rewards DESC, c.value COLLATE "C") FROM counted c)
  FROM (
    SELECT array_agg(o.reward_id ORDER BY o.score DESC, o.rank, o.reward_id) AS reward_ids,
      array_agg(o.score ORDER BY o.score DESC, o.rank, o.reward_id) AS scores,
      array_agg(o.rank ORDER BY o.score DESC, o.rank, o.reward_id) AS ranks
    FROM page o
  ) p;
END $$
"""

# The same, but for what is left out: `p_without` hides rewards as if they were not filed. A hashed
# list of them is asked row by row.
SEARCH_WITHOUT = SEARCH_REWARDS.replace(
    "p_limit int, p_shown uuid[]\n)", "p_limit int, p_shown uuid[], p_without uuid[]\n)"
).replace(
    "      AND (p_shown IS NULL OR s.reward_id = ANY (p_shown))\n",
    "      AND (p_shown IS NULL OR s.reward_id = ANY (p_shown))\n"
    "      AND s.reward_id NOT IN (SELECT w.id FROM unnest(p_without) AS w (id))\n",
)
assert SEARCH_WITHOUT.count("p_without") == 2, "both places are told what is left out"

SEARCHER = (
    "bigint, tsquery, tsquery, tsquery, tsquery, tsquery, tsquery, text[], text[], uuid[], text[],"
    " text, text[], int, bigint, uuid, boolean, int, uuid[]"
)
"""The function's arguments, for grants."""

SEARCHER_WITHOUT = f"{SEARCHER}, uuid[]"
