-- The counts of a centre's day, from its own midnight; over the index by centre and arrival.
select c.id as centre_id,
       count(k.id) filter (where k.state in ('waiting', 'offered')) as waiting,
       min(k.joined_at) filter (where k.state in ('waiting', 'offered')) as oldest_joined_at,
       count(k.id) filter (where k.answered_at is not null) as answered,
       count(k.id) filter (where k.state = 'abandoned') as abandoned,
       count(k.id) as arrived,
       (select count(*) from presence as p join staff as s on s.id = p.id
        where p.centre_id = c.id and p.is_connected and p.choice = 'ready' and 'counselor' = any(s.roles)) as on_duty,
       (select count(*) from presence as p join staff as s on s.id = p.id
        where p.centre_id = c.id and p.is_connected and p.choice <> 'signed_out'
          and s.roles && array['supervisor', 'responder']) as able_to_acknowledge,
       exists (select 1 from pulse where name = 'workers' and at > now() - interval '10 seconds') as is_dispatched
from centre as c
left join contact as k on k.centre_id = c.id
  and k.arrived_at >= date_trunc('day', now() at time zone c.timezone) at time zone c.timezone
where c.id = any($1)
group by c.id
