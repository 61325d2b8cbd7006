# SPDX-License-Identifier: MIT
# install        the command, the libraries, the header, sockeye.pc and the manual, under PREFIX
# install-files  the same of what is built already
PREFIX ?= /usr/local
VERSION = $(shell sed -n 's/^\#define SOCKEYE_VERSION "\(.*\)"$$/\1/p' include/sockeye/sockeye.h)

install: all
	@$(MAKE) --no-print-directory install-files

define pkg_config
prefix=$(PREFIX)
libdir=$${prefix}/lib
includedir=$${prefix}/include

Name: sockeye
Description: the whole socket system in user space
Version: $(VERSION)
Cflags: -I$${includedir}
Libs: -L$${libdir} -lsockeye
endef
export pkg_config

# A library in a folder that the loader searches is found once ldconfig has seen it.
install-files:
	install -D -m 755 $(BUILD)/sockeye $(DESTDIR)$(PREFIX)/bin/sockeye
	install -D -m 644 $(BUILD)/libsockeye.a $(DESTDIR)$(PREFIX)/lib/libsockeye.a
	install -D -m 755 $(BUILD)/libsockeye.so $(DESTDIR)$(PREFIX)/lib/libsockeye.so.0
	ln -sf libsockeye.so.0 $(DESTDIR)$(PREFIX)/lib/libsockeye.so
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	echo "$$pkg_config" >$(DESTDIR)$(PREFIX)/lib/pkgconfig/sockeye.pc
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/sockeye include/sockeye/*.h
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 doc/man/*.1
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 doc/man/*.5
	[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || PATH=$$PATH:/sbin:/usr/sbin ldconfig

.PHONY: install install-files
