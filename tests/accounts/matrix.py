"""The table of roles and permissions as text: `python -m tests.accounts.matrix` writes matrix.md anew."""

from pathlib import Path

from app.accounts.permissions import MAY, Permission, Role

SNAPSHOT = Path(__file__).with_name("matrix.md")


def matrix() -> str:
    head = f"| permission | {' | '.join(Role)} |\n|---|{'---|' * len(Role)}\n"
    rows = (
        f"| {permission} | {' | '.join('x' if permission in MAY[role] else '' for role in Role)} |"
        for permission in Permission
    )
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(matrix())
