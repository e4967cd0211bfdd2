-- What GET /api/v1/opinions?limit=20 reads.
SELECT a.id, a.name, m.role, m.scope_kind, m.scope_id, m.scope_name, m.delegate_id, m.level
  FROM login_sessions s JOIN accounts a ON a.id = s.account_id LEFT JOIN memberships m ON m.account_id = a.id
 WHERE s.id = ':session' AND s.ended_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL;
SELECT o.id, o.serial, o.state, o.category, o.station_id, o.region_id, o.content, o.source, o.confidential,
       o.created_at, o.suggestion_id
  FROM opinions o WHERE o.region_id = ':region' AND o.audience <> 'county'
 ORDER BY o.created_at DESC, o.id DESC LIMIT 21;
