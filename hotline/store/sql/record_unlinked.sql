-- What should be in a chain and is in none.
select s.id as session_id from session as s
where s.state in ('closed', 'interrupted')
  and not exists (select 1 from record_link as l where l.thing_id = s.id)
union all
select a.session_id from record_action as a
where not exists (select 1 from record_link as l where l.thing_id = a.id)
union all
select m.session_id from amendment as m
where not exists (select 1 from record_link as l where l.thing_id = m.id)
limit $1
