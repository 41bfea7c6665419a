"""``python -m app`` is ``offhook``: a dyno has the dependencies, but not the project, installed."""

from app.cli.main import main

if __name__ == "__main__":
    main()
