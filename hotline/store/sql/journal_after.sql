-- Everything visible behind the cursor that has not been handed out yet; if there is too much of it, up to
-- the fence only. The fence is of the same snapshot: whatever lies before it is committed, so it is among
-- the rows. It is told on every row, and on a row of its own when there is nothing new.
select fence.xmin::text as fence, entry.*
from (select pg_snapshot_xmin(pg_current_snapshot()) as xmin) as fence
left join lateral (
  select seq, xid::text as xid, at, centre_id, contact_id, escalation_id, staff_ids, kind, actor, body
  from journal
  where (journal.xid, seq) > ($1::text::xid8, $2)
    and (not $3 or journal.xid < fence.xmin)
    and not (seq = any($4))
  order by journal.xid, seq
  limit $5
) as entry on true
