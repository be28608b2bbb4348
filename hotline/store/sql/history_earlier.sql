-- A caller's earlier contacts with a centre, found by the blind index alone, each with its last session:
-- the panel stands on the desk while somebody waits for a word, so nothing here may grow with the house.
select c.id, c.channel, c.state, c.level, c.subject_level, c.arrived_at,
  c.answered_at, s.disposition, s.result, s.staff_id
from contact as c left join lateral (
  select disposition, result, staff_id from session where contact_id = c.id order by begun_at desc limit 1
) as s on true
where c.caller_key = $1 and c.centre_id = $2 and c.arrived_at <= $3 and c.id <> $4
order by c.arrived_at desc limit $5
