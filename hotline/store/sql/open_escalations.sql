-- Every escalation that still calls for somebody, also of contacts that are over.
select e as escalation, c.counselor_id
from escalation as e join contact as c on c.id = e.contact_id
where e.centre_id = any($1) and e.closed_at is null
