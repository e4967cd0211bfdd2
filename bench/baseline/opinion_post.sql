-- What POST /api/public/v1/opinions leaves, in the fewest statements: one. The role is bound to the county.
WITH station AS (
    SELECT id, region_id FROM stations WHERE code = ':code' AND closed_at IS NULL),
claim AS (
    INSERT INTO idempotency_keys (key_hash, body_hash, written_at, status, sealed)
    SELECT sha256((random()::text || clock_timestamp()::text)::bytea), sha256(random()::text::bytea), now(), 201,
           decode(repeat('ab', 320), 'hex')
      FROM station ON CONFLICT (key_hash) DO NOTHING RETURNING 1),
opinion AS (
    INSERT INTO opinions (id, station_id, region_id, content, audience, confidential, share_with_unit, source,
                          source_name, receipt_index, state, round, created_at)
    SELECT uuidv7(), s.id, s.region_id, '村口的水管漏水一个多月了，路面结冰，老人出行不便。' || random(), 'station',
           false, false, 'resident', '', sha256(random()::text::bytea), 'received', 1, now()
      FROM station s, claim RETURNING id, region_id),
step AS (
    INSERT INTO opinion_steps (id, opinion_id, act, "left", entered, actor, actor_name, at, written_at, public)
    SELECT uuidv7(), id, 'receive', 'received', 'received', 'resident', '群众本人', now(), now(), true FROM opinion),
clock AS (
    INSERT INTO deadlines (id, subject_kind, subject_id, root_id, kind, round, nature, pack, article, amount, unit,
                           rolls, complex, warn_days, ladder, start_event, started_on, started_at, calendar_version,
                           provisional, last_day, due_at, due_revision, looked_through, next_line, next_line_at, region_id)
    SELECT uuidv7(), 'opinion', id, id, 'triage', 1, 'duty', 'national@0123456789ab', '工作惯例（法规未定天数）', 3,
           'working_days', true, false, 1, '{"overdue": ["congress_office", "presidium_chair"]}', 'opinion_received',
           current_date, now(), 'v1', false, current_date + 3, now() + interval '3 days', 0, now(), 'due_soon',
           now() + interval '2 days', region_id
      FROM opinion),
trail AS (
    INSERT INTO audit (id, at, written_at, actor, action, subject_kind, subject_id, fields, outcome, request_id)
    SELECT uuidv7(), now(), now(), 'resident', 'opinion.receive', 'opinion', id, '{}', 'done', '0123456789abcdef'
      FROM opinion)
INSERT INTO outbox (id, name, body, occurred_at, written_at, relayed)
SELECT uuidv7(), 'opinion.received', jsonb_build_object('opinion_id', id, 'region_id', region_id, 'confidential', false),
       now(), now(), false
  FROM opinion;
