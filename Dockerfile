# One image for every process of the service:
#
#   docker run hotline serve      the web process
#   docker run hotline work       the workers
#   docker run hotline migrate    brings the database's tables up to date, then ends
#
# PostgreSQL is handed in (DATABASE_URL); what must survive a restart lies under /var/lib/hotline.
# Everything that is installed is pinned by hash in requirements.lock, here as on a developer's machine.

FROM python:3.11-slim-bookworm AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1


FROM base AS needs
WORKDIR /src
COPY pyproject.toml requirements.lock ./
COPY scripts/subset scripts/
RUN python -m venv /opt/hotline \
 && python scripts/subset > /tmp/run.lock \
 && /opt/hotline/bin/pip install --no-deps --require-hashes --requirement /tmp/run.lock


FROM base AS wheel
WORKDIR /src
COPY pyproject.toml requirements.lock ./
COPY scripts/subset scripts/
RUN python scripts/subset build console > /tmp/build.lock \
 && pip install --no-deps --require-hashes --requirement /tmp/build.lock
COPY . .
RUN python -m hatchling build --target wheel


FROM needs AS installed
COPY --from=wheel /src/dist/*.whl /tmp/
RUN /opt/hotline/bin/pip install --no-deps /tmp/*.whl \
 && /opt/hotline/bin/python -m compileall -q /opt/hotline/lib \
 && /opt/hotline/bin/pip uninstall --yes --quiet pip


FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 hotline \
 && useradd --uid 10001 --gid hotline --no-create-home --home-dir /var/lib/hotline --shell /usr/sbin/nologin hotline \
 && install --directory --owner hotline --group hotline --mode 0700 /var/lib/hotline
COPY --from=installed /opt/hotline /opt/hotline
# Time zones come with the tzdata wheel, which the lock pins; the slim image has none of its own.
ENV PATH=/opt/hotline/bin:$PATH \
    HOTLINE_HOME=/var/lib/hotline \
    HOTLINE_WEB__HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER hotline
WORKDIR /var/lib/hotline
VOLUME /var/lib/hotline
EXPOSE 8000
# Asks the process itself, without a client that the image would otherwise not need. Workers answer nobody:
# run them with --no-healthcheck; the board shows a worker that has stopped.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["hotline"]
CMD ["serve"]
