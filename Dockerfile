# syntax=docker/dockerfile:1
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/heldout && /opt/heldout/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY scoring scoring
COPY leaderboard leaderboard
COPY server server
COPY data data
RUN /opt/heldout/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/heldout heldout
COPY --from=build /opt/heldout /opt/heldout
ENV PATH=/opt/heldout/bin:$PATH HELDOUT_DATA=/var/lib/heldout/data PYTHONUNBUFFERED=1
USER heldout
WORKDIR /var/lib/heldout
# Everything that must outlive the container lies here: database, uploads, truths.
VOLUME /var/lib/heldout
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/v1/rounds', timeout=4)"]
CMD ["heldout", "serve", "--host", "0.0.0.0", "--port", "8000"]
