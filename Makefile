# The project's commands; each is a function of tools/dev.py. Everything they make lies in .dev
PYTHON := $(or $(wildcard /usr/bin/python3.11),$(shell command -v python3.11))

.DEFAULT_GOAL := help
.PHONY: help run test stop clean shell serve demo-reset demo-large screenshot fault repair lint fix i18n bench start-db

help:
	@echo "make run         Odoo with demo data on http://127.0.0.1:8069 (ODOO_PORT), Ctrl-C stops it"
	@echo "make test        everything that proves the project; ONLY=energy_carbon, ONLY=energy_carbon:TestClass.test_x,"
	@echo "                 ONLY=tests/engine, ONLY=lint run a part in seconds"
	@echo "make stop        stop a demo started elsewhere      make clean       remove all that was made (.dev)"
	@echo "make shell       Odoo shell (DB=energy_demo)        make serve       serve DB=... on PORT=..."
	@echo "make demo-reset  make the demo database again       make lint, fix   the checkers"
	@echo "make fault       FAULT=15020:3:silent breaks a meter of the running demo, make repair mends all"
	@echo "make i18n        renew the translation files        make bench       one JSON object a line"
	@echo "make screenshot  pictures of all main screens of DB=... in .dev/screenshots; ONLY=pattern of their names"
	@echo "make demo-large  database energy_large: 1,000 meters, a month of quarter-hours"
	@echo "make start-db    keep the database server running until make stop"

run test stop clean shell serve demo-reset demo-large screenshot fault repair lint fix i18n bench start-db:
ifeq ($(PYTHON),)
	@echo "error: Python 3.11 is missing: install it (Debian 12: apt-get install python3.11)" >&2; exit 1
else
	@exec $(PYTHON) -B -m tools.dev $@
endif
