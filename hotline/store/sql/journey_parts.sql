-- What moves under a contact's lock: its pending offer, its live session, its latest escalation.
select o as offer, s as session, e as escalation
from (select 1) as one
left join offer as o on o.contact_id = $1 and o.state = 'pending'
left join session as s on s.contact_id = $1 and s.state in ('connecting', 'open', 'wrapping')
left join escalation as e on e.id = (
  select id from escalation where contact_id = $1 order by declared_at desc limit 1
)
