# One line a target; what it does is in Scripts/.
.DEFAULT_GOAL := help
.PHONY: up down simulate setup run demo test check fuzz bench release docs help

setup: ; @bash Scripts/setup.sh
up:    ; @bash Scripts/servers.sh up
down:  ; @bash Scripts/servers.sh down
run:   ; @bash Scripts/run.sh
demo:  ; @bash Scripts/demo.sh $(OPTIONS)
test:  ; @bash Scripts/test.sh
check: ; @bash Scripts/check.sh
fuzz:  ; @bash Scripts/fuzz.sh
release: ; @bash Scripts/release.sh
bench: ; @bash Scripts/bench.sh $(OPTIONS)
simulate: ; @bash Scripts/simulate.sh
docs:  ; @bash Scripts/check-docs.sh
help:  ; @bash Scripts/help.sh
