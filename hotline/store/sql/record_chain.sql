-- A centre's links in order, each with the digest of its row as it stands now. The digests are written out here
-- once more, and not asked of the functions that made them: who can change a row may have changed those too.
select l.seq, l.kind, l.session_id, l.thing_id, l.prev_hash, l.digest, l.hash,
  case l.kind
    when 'acted' then (
      select sha256(convert_to(jsonb_build_array(
        'action.1', r.id, r.action_id, r.nth, r.session_id, r.contact_id, r.centre_id, r.staff_id,
        extract(epoch from r.at), r.kind, r.state, encode(sha256(r.words), 'hex')
      )::text, 'UTF8')) from record_action as r where r.id = l.thing_id)
    when 'amended' then (
      select sha256(convert_to(jsonb_build_array(
        'amendment.1', r.id, r.session_id, r.contact_id, r.centre_id, r.staff_id, extract(epoch from r.at),
        r.field, encode(r.before_digest, 'hex'), r.codes, encode(sha256(r.after), 'hex'),
        encode(sha256(r.reason), 'hex')
      )::text, 'UTF8')) from amendment as r where r.id = l.thing_id)
    else (
      select sha256(convert_to(jsonb_build_array(
        'session.1', r.id, r.contact_id, r.centre_id, r.staff_id, r.state, r.ended_by, r.screening,
        extract(epoch from r.begun_at), extract(epoch from r.opened_at), extract(epoch from r.ended_at),
        extract(epoch from r.closed_at), extract(epoch from r.screened_at),
        r.disposition, r.result, r.age_band, r.region, r.problems, r.marks,
        encode(sha256(r.screening_reason), 'hex'), encode(sha256(r.words), 'hex'),
        encode(sha256(r.facts), 'hex'), encode(sha256(r.judgment), 'hex'), encode(sha256(r.unknowns), 'hex')
      )::text, 'UTF8')) from session as r where r.id = l.thing_id)
  end as found
from record_link as l
where l.centre_id = $1 and l.seq > $2 and l.seq <= $3
order by l.seq
limit $4
