-- What GET /api/v1/opinions/{id} reads: the session's posts, then the opinion with its parts.
SELECT a.id, a.name, m.role, m.scope_kind, m.scope_id, m.scope_name, m.delegate_id, m.level
  FROM login_sessions s JOIN accounts a ON a.id = s.account_id LEFT JOIN memberships m ON m.account_id = a.id
 WHERE s.id = ':session' AND s.ended_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL;
SELECT to_jsonb(o), (SELECT jsonb_agg(s ORDER BY s.id) FROM opinion_steps s WHERE s.opinion_id = o.id),
       (SELECT jsonb_agg(m ORDER BY m.id) FROM opinion_messages m WHERE m.opinion_id = o.id),
       (SELECT jsonb_agg(u ORDER BY p.position) FROM opinion_photos p JOIN uploads u ON u.id = p.upload_id
         WHERE p.opinion_id = o.id)
  FROM opinions o WHERE o.id = ':opinion' AND o.region_id = ':region' AND o.audience <> 'county';
