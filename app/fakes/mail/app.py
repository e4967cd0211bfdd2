"""The fake mail server's control plane: what a person or the demo looks at."""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from app.fakes.control import CONTROL
from app.fakes.gate import Gate
from app.fakes.mail.world import MailWorld


def make_app(world: MailWorld, *, environment: str = "development") -> Starlette:
    """Raises RuntimeError in production."""
    if environment == "production":
        raise RuntimeError("the fake mail server is not for production")
    app = Starlette(routes=CONTROL, middleware=[Middleware(Gate, world=world, trouble=lambda *_: None)])
    app.state.world = world
    return app
