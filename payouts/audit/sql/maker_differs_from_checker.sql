-- Cycles, resolutions, months, changes of destination, bank files and mistaken orders are approved by somebody other than who proposed them.
-- examines: audit.period
SELECT c.network_id, 'settlement cycle' AS kind, c.cycle_id::text AS id, c.closed_by AS by
FROM audit.settlement_cycle c
WHERE c.approved_by = c.closed_by OR c.first_approved_by IN (c.closed_by, c.approved_by) OR (c.state NOT IN ('in_review', 'abandoned') AND c.approved_by IS NULL)
UNION ALL
SELECT i.network_id, 'reconciliation item', i.item_id::text, i.proposed_by
FROM audit.reconciliation_item i
WHERE i.approved_by = i.proposed_by OR (i.state = 'resolved' AND i.approved_by IS NULL)
UNION ALL
SELECT p.network_id, 'period', p.period::text, p.closed_by
FROM audit.period p
WHERE p.closed_by = p.proposed_by OR (p.status = 'closed' AND p.closed_by IS NULL)
UNION ALL
SELECT d.network_id, 'change of destination', d.change_id::text, d.proposed_by
FROM audit.destination_change d
WHERE d.decided_by = d.proposed_by
  OR (d.state IN ('approved', 'refused', 'in_force') AND d.decided_by IS NULL)
UNION ALL
SELECT f.network_id, 'bank file', f.bank_file_id::text, f.created_by
FROM audit.bank_file f
WHERE f.released_by = f.created_by OR (f.state = 'released' AND f.released_by IS NULL)
UNION ALL
SELECT r.network_id, 'mistaken order', r.resolution_id::text, r.proposed_by
FROM audit.mistaken_order_resolution r
WHERE r.approved_by = r.proposed_by OR (r.journal_id IS NOT NULL AND r.approved_by IS NULL)
UNION ALL
SELECT l.network_id, 'payout taken back', l.attempt_id::text, l.unpaid_by
FROM audit.bank_file_line l
WHERE l.returned_by = l.unpaid_by
