import time
from sqlalchemy import text
from app.infra.db import sql
from tests.people import get
from tests.reports.reading import OVERVIEW
GEN = """
INSERT INTO suggestions SELECT (s).* FROM (SELECT jsonb_populate_record(x, jsonb_build_object('id', gen_random_uuid(), 'number', 'n'||g)) AS s FROM suggestions x, generate_series(1,5000) g WHERE x.number IS NOT NULL AND x.number NOT LIKE 'n%') q;
INSERT INTO assignments SELECT (a).* FROM (SELECT jsonb_populate_record(x, jsonb_build_object('id', gen_random_uuid(), 'suggestion_id', s.id)) AS a FROM assignments x, suggestions s WHERE s.number LIKE 'n%') q;
INSERT INTO replies SELECT (a).* FROM (SELECT jsonb_populate_record(x, jsonb_build_object('id', gen_random_uuid(), 'assignment_id', s.id)) AS a FROM replies x, assignments s WHERE s.id <> x.assignment_id) q;
INSERT INTO evaluations SELECT (a).* FROM (SELECT jsonb_populate_record(x, jsonb_build_object('id', gen_random_uuid(), 'reply_id', s.id)) AS a FROM evaluations x, replies s WHERE s.id <> x.reply_id) q;
INSERT INTO deadlines SELECT (a).* FROM (SELECT jsonb_populate_record(x, jsonb_build_object('id', gen_random_uuid(), 'subject_id', gen_random_uuid(), 'root_id', s.id)) AS a FROM deadlines x, suggestions s WHERE s.number LIKE 'n%') q;
"""
async def test_scale(desk, database, tenant):
    await desk.replied()
    await desk.done("alice", "evaluation", {"overall": "satisfied"})
    async with database.unit(tenant) as tx:
        for st in GEN.strip().split(";\n"):
            r = await sql(tx, text(st.rstrip(";")))
            print(r.rowcount)
    from app.reports import queries as qq, overview as ov
    orig = qq.rows
    async def rows(tx, st, facts):
        
        t=time.time(); r=await orig(tx, st, facts); d=time.time()-t; print("   ", [n for n,v in vars(__import__("app.reports.questions").reports.questions).items() if v is st], round(d,2))
        if d > 2:
            asked = st.compile().params
            from sqlalchemy import bindparam
            from app.reports.questions import typed
            ex = typed("EXPLAIN (ANALYZE, BUFFERS OFF) " + st.text)
            print("\n".join(x[0] for x in (await sql(tx, ex, {n: facts[n] for n in asked})).all())[:6000])
        return r
    qq.rows = rows
    os_ = qq.suggestions
    async def sg(*a):
        t=time.time(); r=await os_(*a); print("   cohort", len(r), round(time.time()-t,2)); return r
    qq.suggestions = sg
    for q in ("", "?by=unit", "?by=category"):
        t = time.time()
        a = await get(desk.client, OVERVIEW + q, desk.county["carol"])
        print(q, a.status_code, round(time.time() - t, 2), len(a.content))
    t = time.time()
    a = await get(desk.client, "/api/v1/registers/suggestions.xlsx", desk.county["carol"])
    print(a.status_code, round(time.time() - t, 2), len(a.content))
