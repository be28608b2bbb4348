-- In commit-safe order behind the fence: a row with a smaller (xid, seq) can never turn up later.
select seq, xid::text as xid, at, centre_id, contact_id, escalation_id, staff_ids, kind, actor, body
from journal
where (xid, seq) > ($1::text::xid8, $2)
  and xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid, seq
limit $3
