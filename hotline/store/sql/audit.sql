-- Every pair of states that may not stand together, counted in one snapshot.
with held as (
  select c.id, c.state, c.level, c.counselor_id, c.joined_at,
         coalesce(o.offers, 0) as offers, coalesce(s.connecting, 0) as connecting,
         coalesce(s.open, 0) as open, coalesce(s.wrapping, 0) as wrapping
  from contact as c
  left join (
    select contact_id, count(*) as offers from offer where state = 'pending' group by contact_id
  ) as o on o.contact_id = c.id
  left join (
    select contact_id, count(*) filter (where state = 'connecting') as connecting,
           count(*) filter (where state = 'open') as open,
           count(*) filter (where state = 'wrapping') as wrapping
    from session where state in ('connecting', 'open', 'wrapping') group by contact_id
  ) as s on s.contact_id = c.id
  where c.state not in ('closed', 'abandoned', 'diverted')
)
select 'offered_iff_one_pending_offer' as name,
       count(*) filter (where (state = 'offered') <> (offers = 1) or offers > 1) as found from held
union all
select 'connecting_iff_one_connecting_session',
       count(*) filter (where (state = 'connecting') <> (connecting = 1)) from held
union all
select 'talking_iff_one_open_session', count(*) filter (where (state = 'talking') <> (open = 1)) from held
union all
select 'wrapping_iff_one_wrapping_session',
       count(*) filter (where (state = 'wrapping') <> (wrapping = 1)) from held
union all
select 'queued_has_join_time',
       count(*) filter (where state in ('waiting', 'offered', 'connecting', 'talking') and joined_at is null)
from held
union all
select 'imminent_has_escalation', count(*) from contact as c
where (c.level = 'imminent' or c.subject_level = 'imminent') and not exists (select 1 from escalation as e where e.contact_id = c.id)
union all
select 'over_means_no_offer', count(*) from offer as o join contact as c on c.id = o.contact_id
where o.state = 'pending' and c.state in ('closed', 'abandoned', 'diverted')
union all
select 'over_means_no_session', count(*) from session as s join contact as c on c.id = s.contact_id
where s.state in ('connecting', 'open', 'wrapping') and c.state in ('closed', 'abandoned', 'diverted')
