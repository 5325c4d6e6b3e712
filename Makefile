# `make run` and `make test` are all a newcomer needs: both install what is missing, build and go.
# `make bench` compares with other languages' implementations.

.DEFAULT_GOAL := help
SHELL := /bin/bash

SWIFT ?= swift
# Handlers need every register and no frame chain; a static standard library starts in a millisecond.
RELEASE := -c release --omit-frame-pointers
BUILD := $(SWIFT) build $(RELEASE) --static-swift-stdlib
BIN = $(shell $(BUILD) --show-bin-path)

.PHONY: help setup build run test bench clean

help:
	@echo 'make run    builds and plays the example live (without a terminal: some hundred frames, with an edit on the way)'
	@echo 'make test   builds optimised and runs all tests'
	@echo 'make bench  edit latency, cascades, interpreter and start-up, beside other implementations'
	@echo 'make build  only builds: the binary is .build/release/lang'

setup:
	@tools/setup

build: setup
	$(BUILD) --product lang

run: build
	@tools/play "$(BIN)/lang"

test: setup
	@tools/check-embedded
	$(SWIFT) build $(RELEASE) --build-tests
	$(SWIFT) test $(RELEASE) --skip-build --no-parallel

bench: setup
	@tools/setup bench
	$(BUILD) --product lang
	$(BUILD) --product lang-bench
	"$(BIN)/lang-bench" all --lang "$(BIN)/lang"

clean:
	rm -rf .build
