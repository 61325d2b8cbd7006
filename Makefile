# SPDX-License-Identifier: MIT
# make         build/sockeye, build/libsockeye.a, build/libsockeye.so
# make demo    a file over a bad wire, from an unmodified server to an unmodified client
# make check   every test; ends with "N passed, N failed"
# make lint    what a machine can see of the rules
# make map     doc/map.md and doc/requirements.md anew, from the sources
# make deps    installs what is missing (Debian)
# make install   under PREFIX (/usr/local)
# make bench   ns per segment beside memcpy; make soak, make fuzz: longer runs
# make mutants  which small planted changes of the core no test notices
# make traces-check   the bytes of every lab, script and seed are those of before (test/traces.sha256)
# make measure BASE=folder   what things cost beside another build, with the limits
# make clocks    rates, delays and stamps of labs of real programs beside the machine's clocks
#
# BUILD=folder, CC=gcc|clang, OPT=-O2, SAN=address,undefined choose a build of its own. With gcc and
# without SAN the library is optimized over all its files once, when it is made (LTO=1; LTO= does
# without); tests are linked with its parts, so that one can bring a file of its own.
BUILD ?= build
CC = gcc
OPT ?= -O2
SAN ?=
LTO ?= $(if $(SAN),,$(if $(filter gcc,$(CC)),1))
WERROR ?= -Werror

LAYERS = base 1-physical 2-link 3-network 3-network/ip4 3-network/ip6 3-network/x25 4-transport 4-transport/tcp 4-transport/tcp/parts 5-session 6-presentation
# edges: they may make system calls, and link with libraries
EDGES = drive guest scene drill cli 7-application

CORE_SOURCES := $(foreach d,$(LAYERS),$(wildcard src/$(d)/*.c))
LAB_SOURCES := $(wildcard src/node/*.c src/lab/*.c src/observe/*.c src/observe/decode/*.c)
PROGRAM_SOURCES := $(foreach d,$(EDGES),$(wildcard src/$(d)/*.c))
TEST_SOURCES := $(wildcard test/*/test_*.c test/*/*/test_*.c test/*/*/*/test_*.c)

object = $(patsubst %.c,$(BUILD)/%.o,$(1))
CORE_OBJECTS := $(call object,$(CORE_SOURCES))
LIB_OBJECTS := $(CORE_OBJECTS) $(call object,$(LAB_SOURCES))
PROGRAM_OBJECTS := $(call object,$(PROGRAM_SOURCES))
TESTS := $(patsubst %.c,$(BUILD)/%,$(TEST_SOURCES))
EXAMPLES := $(patsubst %.c,$(BUILD)/%,$(wildcard examples/*.c))
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c))

FLAGS = @tools/warnings $(WERROR) $(OPT) -fPIC -fno-semantic-interposition -MMD -MP $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# A packet passes many small functions, each once: gcc's own limits leave half of them calls. With
# these the library is twice as large (600 kB) and an echo takes an eighth less time. So much inlined,
# gcc takes the places where a header is written for places without bytes.
INLINE = --param max-inline-insns-auto=150 --param early-inlining-insns=60 --param inline-unit-growth=300 \
  --param large-unit-insns=200000 --param large-function-growth=800 --param large-stack-frame-growth=8000
LIB_FLAGS = $(if $(LTO),-flto -ffat-lto-objects -Wno-stringop-overflow $(INLINE))
CORE_FLAGS = -fno-stack-protector -U_FORTIFY_SOURCE -Werror=date-time
EDGE_FLAGS = -D_GNU_SOURCE
# the parts hold both forms of their code: programs take the plain one, or each would be optimized anew
LINK = $(CC) $(OPT) -fno-lto $(if $(SAN),-fsanitize=$(SAN))
# one object of all, of which every file may be inlined into every other
MERGE = $(CC) $(OPT) -r -flto=auto -flinker-output=nolto-rel -Wno-stringop-overflow
LIBRARIES = -lseccomp -lcyaml -lyaml -lpthread

all: $(BUILD)/libraries $(BUILD)/sockeye $(BUILD)/libsockeye.a $(BUILD)/libsockeye.so

$(LIB_OBJECTS): FLAGS += $(LIB_FLAGS)
$(CORE_OBJECTS) $(call object,$(wildcard src/node/*.c)): FLAGS += $(CORE_FLAGS)
$(call object,$(filter-out $(CORE_SOURCES) src/node/%,$(LAB_SOURCES) $(PROGRAM_SOURCES)) $(TEST_SOURCES)): FLAGS += $(EDGE_FLAGS)
$(call object,$(wildcard examples/*.c bench/*.c fuzz/*.c)): FLAGS += $(EDGE_FLAGS)
$(call object,$(TEST_SOURCES)): FLAGS += -Itest

$(PROGRAM_OBJECTS): | $(BUILD)/libraries

$(BUILD)/%.o: %.c tools/warnings
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -c $< -o $@

$(BUILD)/merged.o: $(LIB_OBJECTS)
	$(MERGE) -o $@ $^

$(BUILD)/libsockeye.a: $(if $(LTO),$(BUILD)/merged.o,$(LIB_OBJECTS))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/libparts.a: $(LIB_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/libsockeye.so: $(if $(LTO),$(BUILD)/merged.o,$(LIB_OBJECTS))
	$(LINK) -shared -Wl,-soname,libsockeye.so.0 -o $@ $^
	@ln -sf libsockeye.so $@.0 # what a program that is linked to it looks for

$(BUILD)/sockeye: $(PROGRAM_OBJECTS) $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^ $(LIBRARIES)

$(BUILD)/test/%: $(BUILD)/test/%.o $(BUILD)/libparts.a
	$(LINK) -o $@ $^ $(LIBRARIES) -ljansson

$(BUILD)/examples/%: $(BUILD)/examples/%.o $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^

$(BUILD)/bench/%: $(BUILD)/bench/%.o $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^

include $(wildcard tools/*.mk)
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all demo check lint deps bench soak fuzz clean
.SECONDARY:

clean:
	rm -rf $(BUILD)
