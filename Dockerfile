# The image that compose.yaml runs: as the Procfile's `web:` line, which is its command.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1
WORKDIR /srv/offhook

COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
RUN python -m compileall -q app wsgi.py \
    && useradd --system --uid 10001 --no-create-home offhook
USER offhook

EXPOSE 8000
CMD ["gunicorn", "wsgi:app"]
