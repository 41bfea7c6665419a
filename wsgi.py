"""What gunicorn serves: ``gunicorn wsgi:app``. Its settings are in gunicorn.conf.py."""

from app import create_app

app = create_app()
