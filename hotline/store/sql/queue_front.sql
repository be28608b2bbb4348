-- The first of a centre's queue, calls and chats together; by ix_contact_queue.
select id from contact
where centre_id = $1 and state in ('waiting', 'offered')
order by rank, id
limit $2
