/* SPDX-License-Identifier: MIT */
/*
 * The only file of the core with GNU extensions: container_of, the core's own assertion, ASan's
 * poisoning of free slots, hints for branches and inlining, and words side by side.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* By way of a number, so that a pointer to const may come in; the result says what it may do. */
#define container_of(p, type, member) ((type *)((uintptr_t)(p)-offsetof(type, member)))

/* assert() needs libc; the core traps instead. It stays on in releases. */
#define ensure(condition) (__builtin_expect(!!(condition), 1) ? (void)0 : __builtin_trap())

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Two words that are added at once where the machine can. */
typedef uint64_t two_words __attribute__((vector_size(16)));

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#endif

#ifdef HAVE_ASAN
void __asan_poison_memory_region(void const volatile *address, size_t size);
void __asan_unpoison_memory_region(void const volatile *address, size_t size);
#define poison(p, n) __asan_poison_memory_region((p), (n))
#define unpoison(p, n) __asan_unpoison_memory_region((p), (n))
#define NO_ASAN __attribute__((no_sanitize_address))
#else
#define poison(p, n) ((void)(p), (void)(n))
#define unpoison(p, n) ((void)(p), (void)(n))
#define NO_ASAN
#endif

/* Unsigned wrap-around on purpose (hashes, checksums). */
#if defined(__clang__)
#define WRAPS __attribute__((no_sanitize("unsigned-integer-overflow")))
#else
#define WRAPS
#endif

/* What seldom happens, out of the way of what always does, so that this stays small. */
#define RARE __attribute__((noinline))
/* The pointer stays as it is: it is not computed anew at each use of it. */
#define keep_pointer(p) __asm__("" : "+r"(p))
