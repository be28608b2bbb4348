-- The oldest transaction that may still be running: rows of earlier ones cannot appear any more.
select pg_snapshot_xmin(pg_current_snapshot())::text
