# The portal as an image: built once, run as web, worker, beat or migration by docker-compose.yml.
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /portal
COPY requirements.txt ./
RUN /venv/bin/pip install --quiet --require-hashes -r requirements.txt
COPY manage.py pyproject.toml ./
COPY parkportal ./parkportal
COPY tasks ./tasks
COPY firms ./firms
COPY linkages ./linkages
COPY templates ./templates
COPY static ./static
COPY fixtures ./fixtures
# Catalogues, fonts and static files are made here, with the demonstration's settings and a folder that is thrown away.
ENV VAR_DIR=/tmp/build BUILT_DIR=/portal/built
RUN /venv/bin/python manage.py compile_catalogue \
    && /venv/bin/python manage.py build_fonts \
    && /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.12-slim-bookworm
# What sets the PDF, and the typeface of official documents.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-croscore \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /portal --shell /usr/sbin/nologin portal \
    && mkdir /data && chown portal /data
COPY --from=build /venv /venv
COPY --from=build /portal /portal
WORKDIR /portal
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_MODE=production VAR_DIR=/data BUILT_DIR=/portal/built
USER portal
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "parkportal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
