-- Everything visible behind the cursor that has not been handed out yet, up to a transaction.
select seq, xid::text as xid, at, centre_id, contact_id, escalation_id, staff_ids, kind, actor, body
from journal
where (xid, seq) > ($1::text::xid8, $2)
  and xid <= $3::text::xid8
  and not (seq = any($4))
order by xid, seq
limit $5
