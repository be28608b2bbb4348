-- A page in one of these states, if anybody still has to be called: to take what nobody has, to accept what
-- is held out to them, to go on with what is open, to come where nobody is, or to a counselor.
select p as page, s as staff, c.name as centre, e.level
from page as p join staff as s on s.id = p.staff_id join centre as c on c.id = p.centre_id
left join escalation as e on e.id = p.escalation_id
left join coverage_gap as g on g.id = p.about_id
left join assist as a on a.id = p.about_id
where p.id = $1 and p.state = any($4)
  and ((e.id is not null and e.closed_at is null
        and (p.purpose <> $2 or e.owner_id is null)
        and (p.purpose <> $3 or e.offered_to = p.staff_id))
    or (g.id is not null and g.ended_at is null)
    or a.state = 'asked')
