-- Escalations by id, and those of contacts that were touched (their counselor may have changed).
select e as escalation, c.counselor_id
from escalation as e join contact as c on c.id = e.contact_id
where e.id = any($1) or e.contact_id = any($2)
