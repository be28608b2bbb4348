-- A contact's escalation: the open one, whatever the clocks of the nodes said when it was declared; else the latest.
select * from escalation where contact_id = $1 order by closed_at is null desc, declared_at desc limit 1
