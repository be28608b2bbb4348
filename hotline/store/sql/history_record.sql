-- The last closed record of a caller before a contact, found by the blind index alone.
select s.*
from contact as c, lateral (
  select * from session where contact_id = c.id and state = 'closed' order by begun_at desc limit 1
) as s
where c.caller_key = $1 and c.centre_id = $2 and c.arrived_at <= $3 and c.id <> $4
order by c.arrived_at desc limit 1
