-- Whoever left a queue and is to be called, found by the index of arrivals and looked up by the
-- caller's blind index; a caller who came again since (whether answered or gone once more) stands for the
-- later contact only. In the order of danger, so that what is cut off at the end is the least grave.
select c as contact, t.tries, t.last_at, t.is_enough, false as is_back
from contact as c, lateral (
  select count(*) as tries, max(call.begun_at) as last_at,
    coalesce(bool_or(call.state in ('reached', 'refused', 'wrong_number', 'number_invalid')), false) as is_enough
  from outreach_call as call
  where call.caller_key = c.caller_key and call.centre_id = c.centre_id and call.begun_at >= c.ended_at
) as t
where c.centre_id = any($1) and c.state = 'abandoned' and c.joined_at is not null and c.number is not null
  and c.caller_key is not null and c.arrived_at > $2 and not t.is_enough
  and not exists (
    select 1 from contact as later
    where later.caller_key = c.caller_key and later.centre_id = c.centre_id and later.arrived_at > c.arrived_at
      and (later.answered_at is not null or later.joined_at is not null))
order by c.band, t.tries, c.ended_at limit $3
