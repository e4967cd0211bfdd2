"""Which file of a domain stands in which layer. A new file is listed here, or the build fails.

edge → guards → shapes → acts → questions → tables → rules → words: a file imports from its own layer
and from lower ones of its domain, never from a higher one. `rules` and `words` are pure.
"""

EDGE, GUARDS, SHAPES, ACTS, QUESTIONS, TABLES, RULES, WORDS = range(8)

# Packages that are no domains: plumbing, pages, commands, the demo.
NOT_DOMAINS = {"adapters", "demo", "fakes", "infra", "kernel", "operations", "pages"}

# The same name means the same in every domain.
USUAL = {
    "api": EDGE,
    "jobs": EDGE,
    "partner_api": EDGE,
    "public_api": EDGE,
    "deps": GUARDS,
    "presenting": SHAPES,
    "schemas": SHAPES,
    "service": ACTS,
    "queries": QUESTIONS,
    "visibility": QUESTIONS,
    "models": TABLES,
    "arithmetic": RULES,
    "permissions": RULES,
    "presence": RULES,
    "rules": RULES,
    "signing": RULES,
    "workflow": RULES,
    "errors": WORDS,
    "events": WORDS,
}

# A domain's own verbs and rules.
OWN = {
    "accounts": {
        "logging_in": ACTS,
        "passwords": ACTS,
        "tokens": ACTS,
        "wechat": ACTS,
        "wechat_tokens": ACTS,
        "actor": RULES,
    },
    "deadlines": {
        "preparing": ACTS,
        "calendars": QUESTIONS,
        "calendar_seed": RULES,
        "explanation": RULES,
        "lines": RULES,
        "packs": RULES,
    },
    "directory": {"roster": RULES},
    "notifications": {
        "delivering": ACTS,
        "telling": ACTS,
        "audience": QUESTIONS,
        "wording": RULES,
    },
    "opinions": {
        "speaking_api": EDGE,
        "reading": SHAPES,
        "station_view": SHAPES,
        "answering": ACTS,
        "following": ACTS,
        "quick": ACTS,
        "receiving": ACTS,
        "steps": ACTS,
        "cases_sheet": RULES,
        "sheet": RULES,
    },
    "partners": {
        "token_request": GUARDS,
        "quota": ACTS,
        "tokens": ACTS,
        "caller": RULES,
        "scopes": RULES,
    },
    "stations": {
        "checkin_api": EDGE,
        "poster_api": EDGE,
        "attending": ACTS,
        "managing": ACTS,
        "poster": RULES,
        "rota": RULES,
        "sheet": RULES,
    },
    "suggestions": {
        "unit_api": EDGE,
        "assigning": ACTS,
        "evaluating": ACTS,
        "handling": ACTS,
        "proposing": ACTS,
        "steps": ACTS,
    },
    "uploads": {"receiving": ACTS, "storage": ACTS, "images": RULES},
    "visits": {"recording": ACTS},
    "webhooks": {
        "feed": SHAPES,
        "delivering": ACTS,
        "sender": ACTS,
        "spreading": ACTS,
        "addresses": ACTS,
        "publicity": RULES,
        "retrying": RULES,
    },
}


def layer_of(package: str, module: str) -> int | None:
    """None: not listed."""
    return {**USUAL, **OWN.get(package, {})}.get(module)
