-- How many of a centre's queue stand before a place, so many at most; by ix_contact_queue.
select count(*) from (
  select 1 from contact
  where centre_id = $1 and state in ('waiting', 'offered') and (rank, id) < ($2, $3)
  order by rank, id
  limit $4
) as ahead
