-- The counts of a centre's month, by the formulas of hotline.domain.measures; over the index by centre and
-- arrival. Of each contact the latest talk counts, and of each field of its record the latest amendment.
with talks as (
  select c.id, c.state, c.answered_at, c.joined_at, c.ended_at, c.level, c.subject_level, c.caller_key,
    c.arrived_at, s.id as session_id, s.region, s.problems, s.marks,
    coalesce((select a.codes from amendment as a where a.session_id = s.id and a.field = 'disposition'
              order by a.at desc, a.id desc limit 1), array[s.disposition]) as disposition
  from contact as c
  left join lateral (
    select * from session where contact_id = c.id and state <> 'failed' order by begun_at desc limit 1
  ) as s on true
  where c.centre_id = $1 and c.arrived_at >= $2 and c.arrived_at < $3
),
month as materialized (
  select t.*, t.answered_at is not null as is_accepted,
    (coalesce((select a.codes from amendment as a where a.session_id = t.session_id and a.field = 'region'
               order by a.at desc, a.id desc limit 1), array[t.region]))[1] as read_region,
    coalesce((select a.codes from amendment as a where a.session_id = t.session_id and a.field = 'problems'
              order by a.at desc, a.id desc limit 1), t.problems) as read_problems,
    coalesce((select a.codes from amendment as a where a.session_id = t.session_id and a.field = 'marks'
              order by a.at desc, a.id desc limit 1), t.marks) as read_marks
  from talks as t
  where t.disposition[1] is distinct from 'test'
)
select 'in' as name, count(*) as count from month
union all select 'accepted', count(*) from month where is_accepted
union all select 'abandoned', count(*) from month where not is_accepted and state = 'abandoned'
union all select 'short_abandoned', count(*) from month where not is_accepted and state = 'abandoned'
  and ended_at < coalesce(joined_at, arrived_at) + make_interval(secs => $4)
union all select 'diverted', count(*) from month where not is_accepted and state = 'diverted'
union all select 'unanswered', count(*) from month
  where not is_accepted and state not in ('abandoned', 'diverted')
union all select 'local', count(*) from month where is_accepted and read_region = 'local'
union all select 'non_local', count(*) from month where is_accepted and read_region = 'non_local'
union all select 'region_unknown', count(*) from month
  where is_accepted and coalesce(read_region, 'unknown') = 'unknown'
union all select 'high_crisis', count(*) from month
  where is_accepted and (level in ('high', 'imminent') or subject_level in ('high', 'imminent'))
union all select 'difficult', count(*) from month where is_accepted and 'difficult' = any(read_marks)
union all select 'repeat', count(*) from month as m where is_accepted and exists (
  select 1 from contact as e where e.caller_key = m.caller_key and e.centre_id = $1
    and e.arrived_at < m.arrived_at and e.arrived_at >= m.arrived_at - make_interval(days => $5))
union all select 'problem:' || problem, count(distinct m.id)
  from month as m cross join lateral unnest(m.read_problems) as problem where is_accepted group by problem
