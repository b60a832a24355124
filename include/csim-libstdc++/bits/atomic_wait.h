// Stands in for libstdc++'s <bits/atomic_wait.h> in programs built by csim: the same interface towards
// the other headers, but a wait is one operation of the simulated machine. libstdc++'s own spins on the
// value, yields, counts waiters in a shared table and only then sleeps, which is right for speed, and
// would have csim explore every interleaving of it.
#ifndef _GLIBCXX_ATOMIC_WAIT_H
#define _GLIBCXX_ATOMIC_WAIT_H 1

#pragma GCC system_header

#include <bits/c++config.h>
#include <bits/functional_hash.h>
#include <bits/gthr.h>
#include <bits/std_mutex.h>

#include <ext/numeric_traits.h>

#define __cpp_lib_atomic_wait 201907L

extern "C" {
// Waits while the `size` bytes at `address` equal those at `expected`, until woken or until `deadline`
// (virtual nanoseconds of the steady clock since its epoch; ~0: none). 0: woken or unequal; 1: timeout.
int csim_wait_address(const void* address, const void* expected, unsigned long size,
                      unsigned long deadline);
void csim_wake_address(const void* address, int all);
// Copies the bytes without that being an access of the program.
void csim_wait_peek(const void* address, void* copy, unsigned long size);
}

namespace std _GLIBCXX_VISIBILITY(default) {
_GLIBCXX_BEGIN_NAMESPACE_VERSION

namespace __detail {
using __platform_wait_t = int;
inline constexpr size_t __platform_wait_alignment = 4;
inline constexpr unsigned long __csim_no_deadline = ~0ul;

inline void __thread_yield() noexcept { __gthread_yield(); }
inline void __thread_relax() noexcept { __gthread_yield(); }

struct __default_spin_policy {
  bool operator()() const noexcept { return false; }
};

// One try is enough: whoever has to wait, waits.
template <typename _Pred, typename _Spin = __default_spin_policy>
bool __atomic_spin(_Pred& __pred, _Spin = _Spin{}) noexcept {
  return __pred();
}

template <typename _Tp>
bool __csim_equal(const _Tp& __a, const _Tp& __b) noexcept {
  return __builtin_memcmp(&__a, &__b, sizeof(_Tp)) == 0;
}

// False: the deadline passed.
template <typename _Tp, typename _ValFn>
bool __csim_wait_value(const _Tp* __addr, _Tp __old, _ValFn& __vfn,
                       unsigned long __deadline) noexcept {
  while (__csim_equal(__old, static_cast<_Tp>(__vfn()))) {
    if (csim_wait_address(__addr, &__old, sizeof(_Tp), __deadline) != 0) {
      return !__csim_equal(__old, static_cast<_Tp>(__vfn()));
    }
  }
  return true;
}

template <typename _Tp, typename _Pred>
bool __csim_wait_until_true(const _Tp* __addr, _Pred& __pred, unsigned long __deadline) noexcept {
  for (;;) {
    alignas(_Tp) unsigned char __seen[sizeof(_Tp)];
    csim_wait_peek(__addr, __seen, sizeof(_Tp));
    if (__pred()) return true;
    if (csim_wait_address(__addr, __seen, sizeof(_Tp), __deadline) != 0) return __pred();
  }
}
}  // namespace __detail

template <typename _Tp, typename _ValFn>
void __atomic_wait_address_v(const _Tp* __addr, _Tp __old, _ValFn __vfn) noexcept {
  __detail::__csim_wait_value(__addr, __old, __vfn, __detail::__csim_no_deadline);
}

template <typename _Tp, typename _Pred>
void __atomic_wait_address(const _Tp* __addr, _Pred __pred) noexcept {
  __detail::__csim_wait_until_true(__addr, __pred, __detail::__csim_no_deadline);
}

template <typename _Pred>
void __atomic_wait_address_bare(const __detail::__platform_wait_t* __addr, _Pred __pred) noexcept {
  __detail::__csim_wait_until_true(__addr, __pred, __detail::__csim_no_deadline);
}

template <typename _Tp>
void __atomic_notify_address(const _Tp* __addr, bool __all) noexcept {
  csim_wake_address(__addr, __all);
}

inline void __atomic_notify_address_bare(const __detail::__platform_wait_t* __addr,
                                         bool __all) noexcept {
  csim_wake_address(__addr, __all);
}

_GLIBCXX_END_NAMESPACE_VERSION
}  // namespace std _GLIBCXX_VISIBILITY(default)

#endif  // _GLIBCXX_ATOMIC_WAIT_H
