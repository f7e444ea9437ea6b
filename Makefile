# Two commands matter: make run, make test.
.PHONY: run test lint bench catalogues

run:  ## starts the portal with its worker on http://127.0.0.1:8000 (PORT=8001 make run for another port)
	@bash .ci/setup && exec .venv/bin/python manage.py dev

test:  ## runs everything that this machine can run and names what it cannot
	@bash .ci/test

lint:  ## style, templates, direction of imports
	@bash .ci/setup dev && bash .ci/lint

bench:  ## prints how long pages, PDF and reminders take, as ratios
	@bash .ci/setup dev && bash .ci/bench

catalogues:  ## collects new strings into the catalogues (needs gettext)
	@bash .ci/setup dev && .venv/bin/python manage.py makemessages -l vi -l en --no-obsolete --no-location --ignore .venv --ignore var --ignore tests
