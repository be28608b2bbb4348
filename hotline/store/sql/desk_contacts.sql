-- The contacts that somebody holds, and those with an open escalation in some centres.
select id from contact where counselor_id = $1
union
select contact_id from escalation
where centre_id = any($2) and closed_at is null
