-- As open_contacts, for some contacts by id, over or not; and which offers of theirs are over.
select c as contact, l.name as line, o as offer, s as session, e as escalation,
       array(select id from offer where contact_id = c.id and state <> 'pending') as over
from contact as c
join line as l on l.id = c.line_id
left join offer as o on o.contact_id = c.id and o.state = 'pending'
left join session as s on s.contact_id = c.id and s.state in ('connecting', 'open', 'wrapping')
left join escalation as e on e.contact_id = c.id and e.closed_at is null
where c.id = any($1)
