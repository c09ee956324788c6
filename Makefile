# dagcc: `make` builds, `make quickstart` shows something, `make check` tests, `make help` lists the rest.
#
# Three archives and one program, all under $(BUILD):
#   lib/libdagpure.a   runtime/pure: values, expressions, pipes; the compiler folds constants with it
#   lib/libdag.a       the whole runtime: what every compiled pipeline is linked with
#   lib/libdagfront.a  the compiler without its main(), so that unit tests can link it
#   dagcc              the compiler: main.o + libdagfront + libdagpure
# New source files need no edit here: the lists below are wildcards, header dependencies come from -MMD.

BUILD   ?= build
PREFIX  ?= /usr/local
CFLAGS  ?= $(if $(SAN),-O1,-O2) -g
LDFLAGS ?=
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
# STATIC=auto|yes|no: whether dagcc links pipelines statically, and is so itself (auto: where it works).
STATIC  ?= auto
# SAN=address,undefined or SAN=thread: sanitizer build, always linked dynamically. See check-sanitize.
SAN     ?=
WERROR  ?= -Werror
# make V=1 shows the commands; otherwise a line for each file that is made.
V       ?=
Q       := $(if $(V),,@)
SAY      = $(if $(V),@:,@echo '  $(1)  $@')

SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
STD      := -std=c11 -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE -pthread
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wvla $(WERROR)
# Generated code is not ours to lint: keep the warnings that would show a mistake in an action.
WARN_GEN := -Wall -Wextra $(WERROR) -Wno-unused-parameter -Wno-unused-function -Wno-unused-label \
            -Wno-unused-variable -Wno-unused-but-set-variable -Wno-sign-compare
# The runtime is compiled without the compiler's folder: it could not include a compiler header if it tried.
# It is position independent so that `dagcc --shared` can use the same archive.
# -iquote: our headers are found by #include "room/file.h" only; no name of theirs stands in for a
# header of the system.
INC_RUNTIME  := -iquote runtime
INC_COMPILER := -iquote runtime -iquote compiler -iquote $(BUILD)/gen
PIC          := -fPIC -fno-semantic-interposition

COMPILE = $(CC) $(STD) $(CFLAGS) $(SANFLAGS) -MMD -MP
LINK    = $(CC) -pthread $(CFLAGS) $(SANFLAGS) $(LDFLAGS)

LIBS_PURE := -lcjson -lutf8proc -ltre -lm
LIBS_DAG  := -lcjson -lsqlite3 -lutf8proc -ltre -lxxhash -lm

# ---------------------------------------------------------------------------------- file lists

PURE_SRC  := $(wildcard runtime/pure/*.c)
DAG_SRC   := $(wildcard $(patsubst %,runtime/%/*.c,pure core exec store cli report))
FRONT_SRC := $(wildcard compiler/*/*.c compiler/*/*/*.c)
UNIT_SRC  := $(wildcard tests/unit/*.c tests/model/*.c)
GEN_SRC   := $(if $(wildcard grammar/dag.re),$(BUILD)/gen/lexer.c) \
             $(if $(wildcard grammar/dag.y),$(BUILD)/gen/parser.c $(BUILD)/gen/quick.c)
GEN_HDR   := $(if $(wildcard grammar/dag.y),$(BUILD)/gen/parser.h)

obj       = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PURE_OBJ  := $(call obj,$(PURE_SRC))
DAG_OBJ   := $(call obj,$(DAG_SRC))
GEN_OBJ   := $(patsubst $(BUILD)/gen/%.c,$(BUILD)/obj/gen/%.o,$(GEN_SRC))
FRONT_OBJ := $(call obj,$(FRONT_SRC)) $(GEN_OBJ)
MAIN_OBJ  := $(BUILD)/obj/compiler/main.o
UNIT_OBJ  := $(call obj,$(UNIT_SRC))

LIBPURE  := $(BUILD)/lib/libdagpure.a
LIBDAG   := $(BUILD)/lib/libdag.a
LIBFRONT := $(BUILD)/lib/libdagfront.a
DAGCC    := $(BUILD)/dagcc
DRIVERS  := $(BUILD)/tests/cases
STDLIB   := $(addprefix $(BUILD)/,$(wildcard std/*))
# Programs of tests/NAME/*.c on the front end and the runtime: campaigns, whose samples are checks.
CAMPAIGNS := $(addprefix $(BUILD)/tests/,mutate typed plans)

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# ------------------------------------------------------------------------------------ building

.PHONY: all libs tests
all: $(DAGCC) libs $(BUILD)/lib/link.conf
libs: $(LIBPURE) $(LIBDAG) $(LIBFRONT) $(BUILD)/include/dag.h $(STDLIB)
tests: $(BUILD)/tests/unit $(DRIVERS) $(CAMPAIGNS)

# Linked statically where pipelines are: half of a start is the dynamic loader's.
LIBS_DAGCC = $(or $(shell sed -n '/^static=yes/,$${s|@LIB@|$(BUILD)/lib|g;s/^static_libs=/-static /p}' \
    $(BUILD)/lib/link.conf),$(LIBS_PURE))
$(DAGCC): $(MAIN_OBJ) $(LIBFRONT) $(LIBPURE) $(BUILD)/lib/link.conf
	$(call SAY,LINK)
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) $(LIBS_DAGCC)

# An archive is made anew, and also when a source file has gone: its .list changes then.
$(LIBPURE): $(PURE_OBJ) $(BUILD)/obj/pure.list
$(LIBDAG): $(DAG_OBJ) $(BUILD)/obj/dag.list
$(LIBFRONT): $(FRONT_OBJ) $(BUILD)/obj/front.list
$(LIBPURE) $(LIBDAG) $(LIBFRONT):
	@mkdir -p $(@D)
	$(call SAY,AR)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)

$(BUILD)/std/%: std/%
	@mkdir -p $(@D)
	@cp $< $@
$(BUILD)/include/dag.h: runtime/dag.h
	@mkdir -p $(@D)
	cp $< $@

# What dagcc must know to link a pipeline; decided once by trying, see the script.
$(BUILD)/lib/link.conf: tools/link-conf.sh tools/cjson-static.sh tools/static-dl.c \
    $(BUILD)/obj/link.list
	@mkdir -p $(@D)
	@CC='$(CC)' BUILD='$(BUILD)' STATIC='$(if $(SAN),no,$(STATIC))' SANFLAGS='$(SANFLAGS)' \
	    LIBS='$(LIBS_DAG)' tools/link-conf.sh $@

# A .list holds a value and is touched only when the value changes.
$(BUILD)/obj/pure.list:  VALUE = $(PURE_SRC)
$(BUILD)/obj/dag.list:   VALUE = $(DAG_SRC)
$(BUILD)/obj/front.list: VALUE = $(FRONT_SRC) $(GEN_SRC)
$(BUILD)/obj/unit.list:  VALUE = $(UNIT_SRC)
$(BUILD)/obj/flags.list: VALUE = $(CC) $(STD) $(WARN) $(WARN_GEN) $(INC_COMPILER) $(CFLAGS) $(SANFLAGS) $(PIC)
$(BUILD)/obj/link.list:  VALUE = $(CC) $(STATIC) $(SANFLAGS) $(LIBS_DAG)
$(patsubst %,$(BUILD)/obj/%.list,pure dag front unit flags link): $(BUILD)/obj/%.list: FORCE
	@mkdir -p $(@D)
	@echo '$(VALUE)' | cmp -s - $@ || echo '$(VALUE)' >$@
.PHONY: FORCE
FORCE:
.SECONDARY:

$(BUILD)/obj/runtime/%.o: runtime/%.c $(BUILD)/obj/flags.list
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(COMPILE) $(WARN) $(PIC) $(INC_RUNTIME) -c -o $@ $<

$(BUILD)/obj/compiler/%.o: compiler/%.c $(BUILD)/obj/flags.list | $(GEN_HDR)
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(COMPILE) $(WARN) $(INC_COMPILER) -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/obj/flags.list | $(GEN_HDR)
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(COMPILE) $(WARN_GEN) $(INC_COMPILER) -iquote grammar -c -o $@ $<

$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/obj/flags.list | $(GEN_HDR)
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(COMPILE) $(WARN) $(INC_COMPILER) -iquote tests/unit -c -o $@ $<

$(BUILD)/gen/lexer.c: grammar/dag.re
	@mkdir -p $(@D)
	$(call SAY,RE2C)
	$(Q)re2c -W -Werror --conditions --no-generation-date -o $@ $<

$(BUILD)/gen/parser.c: grammar/dag.y
	@mkdir -p $(@D)
	$(call SAY,YACC)
	$(Q)bison -Wall -Wcounterexamples --defines=$(BUILD)/gen/parser.h -o $@ $<
# The same grammar once more, for texts without mistakes.
$(BUILD)/gen/quick.c: grammar/dag.y
	@mkdir -p $(@D)
	$(call SAY,YACC)
	$(Q)bison -Wall -Fparse.lac=none '-Fapi.prefix={quick_}' -o $@ $<
$(BUILD)/gen/parser.h: $(BUILD)/gen/parser.c
	@touch $@

# ------------------------------------------------------------------------------------- testing

$(BUILD)/tests/unit: $(UNIT_OBJ) $(LIBFRONT) $(LIBDAG) $(BUILD)/obj/unit.list
	@mkdir -p $(@D)
	$(call SAY,LINK)
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) -lcunit $(LIBS_DAG)

.SECONDEXPANSION:
$(CAMPAIGNS): $(BUILD)/tests/%: $$(call obj,$$(wildcard tests/%/*.c)) $(LIBFRONT) $(LIBDAG)
	@mkdir -p $(@D)
	$(call SAY,LINK)
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) $(LIBS_DAG)

$(BUILD)/tests/%: $(BUILD)/obj/tests/driver/%.o
	@mkdir -p $(@D)
	$(call SAY,LINK)
	$(Q)$(LINK) -o $@ $^ -lcjson -lm

# Each of these prints `NAME: N passed, N failed[, N skipped]` last; tools/check.sh sums them up.
# To run a part: make unit T=value, make cases T=tests/cases/null.dag, make golden T=fan, make e2e T=resume
.PHONY: unit cases golden e2e lint check-format
T ?=
# In a sanitizer build the pipelines that the tests compile are instrumented too, and linked
# dynamically. Where no static link works dagcc warns about it, unless it is told that --dynamic is
# meant; no case may have a warning.
TEST_ENV = BUILD='$(BUILD)' CC='$(CC)' $(if $(SAN),CFLAGS='-O1 -g $(SANFLAGS)' LDFLAGS='$(SANFLAGS)') \
    DAGCC_FLAGS="$${DAGCC_FLAGS-$$(grep -sq '^static=no' $(BUILD)/lib/link.conf && echo --dynamic)}"
# COUNT random pipelines, as tables and through the compiler, from the seed SEED on.
.PHONY: model
COUNT ?= 10000
SEED  ?= 20260101
model: $(BUILD)/tests/unit
	@$(TEST_ENV) DAG_MODEL_COUNT=$(COUNT) DAG_MODEL_SEED=$(SEED) $(BUILD)/tests/unit model
# The protocol of driver, workers and requests, exhaustively.
.PHONY: spin
spin:
	@tests/spin/run.sh
unit: $(BUILD)/tests/unit
	@$(TEST_ENV) $(BUILD)/tests/unit $(T)
cases: all $(BUILD)/tests/cases
	@$(TEST_ENV) JOBS=$(JOBS) $(BUILD)/tests/cases $(DAGCC) $(T)
golden: all
	@$(TEST_ENV) JOBS=$(JOBS) tests/driver/golden.sh $(T)
e2e: all
	@$(TEST_ENV) JOBS=$(JOBS) tests/driver/e2e.sh $(T)
bless: all
	@$(TEST_ENV) JOBS=$(JOBS) tests/driver/golden.sh --bless $(T)
lint: libs $(MAIN_OBJ) $(BUILD)/tools/tables
	@BUILD=$(BUILD) tools/lint.sh
check-format:
	@tools/format.sh --check
.PHONY: format bless docs
format:
	@tools/format.sh

# The tables of docs/ that are made from rows of the code.
docs: $(BUILD)/tools/tables
	@tools/tables.sh $<
$(BUILD)/tools/tables: tools/tables.c $(wildcard runtime/pure/*.def compiler/*/*.def)
	@mkdir -p $(@D)
	$(call SAY,LINK)
	$(Q)$(CC) $(STD) $(WARN) $(INC_COMPILER) -o $@ $<

# Mistakes made on purpose in valid pipelines, and random pipelines without any; the samples are
# part of check.
.PHONY: mutate mutants typed typed-sample plans plans-sample fuzz
SAMPLES = $(wildcard tests/cases/*.dag examples/*.dag tests/golden/*.dag)
mutate: $(BUILD)/tests/mutate
	@$(BUILD)/tests/mutate --floor 95 $(SAMPLES)
mutants: $(BUILD)/tests/mutate
	@$(BUILD)/tests/mutate --every 7 --floor 95 $(SAMPLES)
typed: $(BUILD)/tests/typed
	@$(BUILD)/tests/typed 1 20000
typed-sample: $(BUILD)/tests/typed
	@$(BUILD)/tests/typed 1 500
# Random pipelines, changed step by step: `plan` says what `run` does, and nothing runs in vain.
# make plans COUNT=5000 SEED=1
plans: $(BUILD)/tests/plans
	@$(BUILD)/tests/plans $(SEED) $(COUNT)
plans-sample: $(BUILD)/tests/plans
	@$(BUILD)/tests/plans 1 20
# make fuzz TIME=60: libFuzzer (clang) over the front end; the corpus stays in build-fuzz/fuzz.
TIME  ?= 60
CLANG ?= clang
FUZZ_SAN := address,undefined
fuzz:
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=build-fuzz CC=$(CLANG) SAN=$(FUZZ_SAN) WERROR= \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' build-fuzz/lib/libdagfront.a build-fuzz/lib/libdagpure.a
	@BUILD=build-fuzz CLANG=$(CLANG) SAN=$(FUZZ_SAN) tests/fuzz/run.sh $(TIME)

# Every write to the store goes wrong once, in every way; takes minutes (a sample is in e2e).
.PHONY: fault storm
fault: all
	@$(TEST_ENV) DAGCC=$(abspath $(DAGCC)) tests/fault/fault.sh $(T)
# Kills at random moments: T="-n 200 tests/fault/calls.dag".
storm: all
	@$(TEST_ENV) DAGCC=$(abspath $(DAGCC)) tests/fault/storm.sh $(T)

.PHONY: deps quickstart check check-sanitize sanitized bench
deps:
	@tools/deps.sh

quickstart:
	@tools/deps.sh build
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@BUILD=$(BUILD) tools/quickstart.sh

check:
	@tools/deps.sh build test
	@MAKE='$(MAKE)' BUILD=$(BUILD) JOBS=$(JOBS) tools/check.sh lint check-format unit golden cases e2e mutants typed-sample plans-sample

check-sanitize:
	@tools/deps.sh build test
	@status=0; \
	$(MAKE) --no-print-directory sanitized BUILD=build-asan SAN=address,undefined || status=1; \
	$(MAKE) --no-print-directory sanitized BUILD=build-tsan SAN=thread || status=1; \
	exit $$status
sanitized:
	@echo "=== $(SAN)"
	@DAG_MODEL_COUNT=100 CASE_TIMEOUT=300 MAKE='$(MAKE)' BUILD=$(BUILD) JOBS=$(JOBS) tools/check.sh unit golden cases e2e

# The Slurm executor against a real Slurm on this machine; `make check` has a fake one.
.PHONY: slurm bench-slurm
slurm: all
	@tools/deps.sh slurm
	@$(TEST_ENV) DAGCC=$(abspath $(DAGCC)) tests/slurm/real.sh
bench-slurm: all
	@tools/deps.sh slurm
	BUILD=$(BUILD) bench/slurm.sh

bench: all bench-front
	BUILD=$(BUILD) bench/run.sh
	BUILD=$(BUILD) bench/native.sh
	BUILD=$(BUILD) bench/store.sh
	BUILD=$(BUILD) bench/noop.sh
	BUILD=$(BUILD) bench/call.sh
.PHONY: bench-front
$(BUILD)/bench/expr: $(BUILD)/obj/bench/expr.o $(LIBFRONT) $(LIBPURE)
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(LIBS_PURE)
$(BUILD)/obj/bench/expr.o: bench/expr.c $(BUILD)/obj/flags.list | $(GEN_HDR)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WARN) $(INC_COMPILER) -c -o $@ $<
bench-front: $(DAGCC) $(BUILD)/bench/expr
	BUILD=$(BUILD) bench/front.sh

# What a fan-out of a million small expression tasks holds in memory.
.PHONY: bench-million
bench-million: all
	BUILD=$(BUILD) bench/million.sh

# Null tasks beside Taskflow (TASKFLOW=folder), oneTBB and OpenMP.
.PHONY: bench-sched
bench-sched: all
	BUILD=$(BUILD) bench/sched.sh

# --------------------------------------------------------------------------------- the rest

# Installed, bin/dagcc finds in lib/dagcc what it has beside itself in $(BUILD).
.PHONY: install uninstall clean distclean help
INSTALL_LIB = $(DESTDIR)$(PREFIX)/lib/dagcc
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(INSTALL_LIB)/lib $(INSTALL_LIB)/include $(INSTALL_LIB)/std
	install -m 755 $(DAGCC) $(DESTDIR)$(PREFIX)/bin/dagcc
	install -m 644 $(LIBDAG) $(wildcard $(addprefix $(BUILD)/lib/,libcjson.a libdagdl.a)) \
	    $(BUILD)/lib/link.conf $(INSTALL_LIB)/lib
	install -m 644 $(BUILD)/include/dag.h $(INSTALL_LIB)/include
	install -m 644 $(STDLIB) $(INSTALL_LIB)/std
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/dagcc
	rm -rf $(INSTALL_LIB)

# clean keeps the downloaded source of cJSON; distclean does not.
clean:
	rm -rf $(addprefix $(BUILD)/,dagcc gen include lib std obj tests tools quickstart licences) \
	    build-asan build-tsan
distclean:
	rm -rf $(BUILD) build-asan build-tsan

help:
	@cat tools/help.txt

-include $(patsubst %.o,%.d,$(sort $(DAG_OBJ) $(FRONT_OBJ) $(MAIN_OBJ) $(UNIT_OBJ) \
    $(patsubst $(BUILD)/tests/%,$(BUILD)/obj/tests/driver/%.o,$(DRIVERS)) \
    $(call obj,bench/expr.c $(wildcard $(patsubst $(BUILD)/%,%/*.c,$(CAMPAIGNS))))))
