"""What gunicorn serves: ``gunicorn wsgi:app``. Its settings are in gunicorn.conf.py."""

from app import create_app
from app.web.starting import or_end

with or_end():
    app = create_app()
