-- Every contact that is not over, with what its card shows; one statement, so one moment.
select c as contact, l.name as line, o as offer, s as session, e as escalation
from contact as c
join line as l on l.id = c.line_id
left join offer as o on o.contact_id = c.id and o.state = 'pending'
left join session as s on s.contact_id = c.id and s.state in ('connecting', 'open', 'wrapping')
left join escalation as e on e.contact_id = c.id and e.closed_at is null
where c.centre_id = any($1) and c.state not in ('closed', 'abandoned', 'diverted')
order by c.arrived_at
limit $2
