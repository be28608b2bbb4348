-- Contacts with an escalation whose time has come: of its next rung or chase, of an offer to hand it over, or
-- of whoever should have joined; and those without a time, which the release before has left to somebody
-- without asking again.
select contact_id from (
  (select contact_id, next_rung_at as due_at from escalation
   where next_rung_at is not null and next_rung_at <= $1 order by next_rung_at limit $2)
  union all
  (select contact_id, offered_until from escalation
   where offered_until is not null and offered_until <= $1 order by offered_until limit $2)
  union all
  (select contact_id, join_by from escalation
   where join_by is not null and join_by <= $1 and closed_at is null order by join_by limit $2)
  union all
  (select contact_id, declared_at from escalation
   where closed_at is null and state <> 'resolved' and next_rung_at is null limit $2)
) as late
group by contact_id order by min(due_at) limit $2
