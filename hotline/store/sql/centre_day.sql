-- The counts of a centre's day, from its own midnight; over the index by centre and arrival. Whoever waits
-- is counted whenever they came: midnight takes nobody out of the queue. Whoever could acknowledge may sit
-- in this centre or in one above it, as the ladder's roster has it.
with recursive above as (
  select id as centre_id, id as own_or_above, parent_id from centre where id = any($1)
  union all
  select above.centre_id, c.id, c.parent_id from above join centre as c on c.id = above.parent_id
),
people as (
  select above.centre_id, s.centre_id as home_id, s.roles, p.choice, p.is_connected
  from above join staff as s on s.centre_id = above.own_or_above and s.is_active
  join presence as p on p.id = s.id
)
select c.id as centre_id,
       q.waiting,
       q.oldest_joined_at,
       count(k.id) filter (where k.answered_at is not null) as answered,
       count(k.id) filter (where k.state = 'abandoned') as abandoned,
       count(k.id) as arrived,
       (select count(*) from people as p
        where p.centre_id = c.id and p.home_id = c.id and 'counselor' = any(p.roles)) as counselors,
       (select count(*) from people as p
        where p.centre_id = c.id and p.home_id = c.id and 'counselor' = any(p.roles)
          and p.is_connected and p.choice = 'ready') as on_duty,
       (select count(*) from people as p
        where p.centre_id = c.id and p.is_connected and p.choice <> 'signed_out'
          and p.roles && array['supervisor', 'responder']) as able_to_acknowledge,
       exists (select 1 from pulse where name = 'workers' and at > now() - interval '10 seconds') as is_dispatched,
       not exists (select 1 from rulebook_node
                   where fault is not null and at > now() - interval '30 seconds') as is_judged_alike,
       (select count(*) from task
        where centre_id = c.id and state in ('open', 'dismissal_asked') and climbs > 0) as tasks_overdue
from centre as c
left join contact as k on k.centre_id = c.id
  and k.arrived_at >= date_trunc('day', now() at time zone c.timezone) at time zone c.timezone
cross join lateral (
  select count(*) as waiting, min(joined_at) as oldest_joined_at
  from contact where centre_id = c.id and state in ('waiting', 'offered')
) as q
where c.id = any($1)
group by c.id, q.waiting, q.oldest_joined_at
