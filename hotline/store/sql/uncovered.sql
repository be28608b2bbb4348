-- Centres with a line that is open now, where nobody who may acknowledge is at a desk, there or above. Where
-- nobody answers calls, nobody lacks cover.
with recursive open_now as (
  select distinct l.centre_id from line as l
  cross join lateral (select ($1::timestamptz at time zone l.timezone)::time as at) as here
  where exists (
      select 1 from staff as s
      where s.centre_id = l.centre_id and s.is_active and 'counselor' = any(s.roles)
    )
    and (l.opens_at = l.closes_at
      or (l.opens_at < l.closes_at and here.at >= l.opens_at and here.at < l.closes_at)
      or (l.opens_at > l.closes_at and (here.at >= l.opens_at or here.at < l.closes_at)))
),
above as (
  select centre_id, centre_id as own_or_above from open_now
  union all
  select above.centre_id, c.parent_id from above join centre as c on c.id = above.own_or_above
  where c.parent_id is not null
)
select centre_id from open_now as o
where not exists (
  select 1 from above join staff as s on s.centre_id = above.own_or_above
  join presence as p on p.id = s.id
  where above.centre_id = o.centre_id and s.is_active
    and p.is_connected and p.choice <> 'signed_out' and s.roles && array['supervisor', 'responder']
)
