-- As contact_lock, but passes over a row that somebody else holds: for sweeps, which come again.
select * from contact where id = $1 for update skip locked
