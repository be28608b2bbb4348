-- Everybody of a centre and those above it who may acknowledge, nearest centre first and those at their desks
-- before the others; where they stand in a crisis team, and as what they are on call at $2. A team that is at
-- home where the person is comes first, the smallest region before the larger ones; one that is at home
-- elsewhere is far. Where that is, is $4, or what was last said of the contact $3.
with recursive above as (
  select id, parent_id, 0 as height from centre where id = $1
  union all
  select c.id, c.parent_id, height + 1 from centre as c join above on c.id = above.parent_id
),
known as (
  select coalesce($4, (
    select region from location_clue
    where contact_id = $3 and region is not null
    order by at desc, id desc limit 1
  )) as region
),
placed as (
  select t.members, above.height,
    case
      when starts_with(known.region, t.region) then - length(t.region)
      when t.region is null then 0
      when known.region is null then 1
      else 2
    end as distance
  from above join crisis_team as t on t.centre_id = above.id and t.retired_at is null cross join known
),
teams as (
  select m.staff_id, min(distance) as distance, min(distance * 1000000 + height * 1000 + m.place) as place
  from placed cross join lateral unnest(placed.members) with ordinality as m(staff_id, place)
  group by m.staff_id
),
watches as (
  select w.staff_id, array_agg(distinct w.position) as positions
  from above join on_call as w on w.centre_id = above.id
  where w.withdrawn_at is null and w.begins_at <= $2 and w.ends_at > $2
  group by w.staff_id
)
select s.id, s.roles, s.telephone is not null as has_telephone, s.mail is not null as has_mail,
       coalesce(p.is_connected and p.choice <> 'signed_out', false) as is_on_duty,
       teams.place, teams.distance, coalesce(watches.positions, '{}') as positions
from above join staff as s on s.centre_id = above.id
left join presence as p on p.id = s.id
left join teams on teams.staff_id = s.id
left join watches on watches.staff_id = s.id
where s.is_active and s.roles && array['supervisor', 'responder']
order by above.height, coalesce(p.is_connected, false) desc, s.id
