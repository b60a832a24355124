// Stands in for libstdc++'s <bits/atomic_timed_wait.h> in programs built by csim; see atomic_wait.h.
#ifndef _GLIBCXX_ATOMIC_TIMED_WAIT_H
#define _GLIBCXX_ATOMIC_TIMED_WAIT_H 1

#pragma GCC system_header

#include <bits/atomic_wait.h>
#include <bits/chrono.h>

#define __cpp_lib_atomic_timed_wait 201907L

namespace std _GLIBCXX_VISIBILITY(default) {
_GLIBCXX_BEGIN_NAMESPACE_VERSION

namespace __detail {
using __wait_clock_t = chrono::steady_clock;

template <typename _Clock, typename _Dur>
unsigned long __csim_deadline(const chrono::time_point<_Clock, _Dur>& __atime) noexcept {
  const auto __left = chrono::duration_cast<chrono::nanoseconds>(__atime - _Clock::now());
  const auto __at = chrono::steady_clock::now().time_since_epoch() + __left;
  return __at.count() < 0 ? 0ul : static_cast<unsigned long>(__at.count());
}
}  // namespace __detail

template <typename _Tp, typename _ValFn, typename _Clock, typename _Dur>
bool __atomic_wait_address_until_v(const _Tp* __addr, _Tp&& __old, _ValFn&& __vfn,
                                   const chrono::time_point<_Clock, _Dur>& __atime) noexcept {
  return __detail::__csim_wait_value(__addr, __old, __vfn, __detail::__csim_deadline(__atime));
}

template <typename _Tp, typename _Pred, typename _Clock, typename _Dur>
bool __atomic_wait_address_until(const _Tp* __addr, _Pred __pred,
                                 const chrono::time_point<_Clock, _Dur>& __atime) noexcept {
  return __detail::__csim_wait_until_true(__addr, __pred, __detail::__csim_deadline(__atime));
}

template <typename _Pred, typename _Clock, typename _Dur>
bool __atomic_wait_address_until_bare(const __detail::__platform_wait_t* __addr, _Pred __pred,
                                      const chrono::time_point<_Clock, _Dur>& __atime) noexcept {
  return __detail::__csim_wait_until_true(__addr, __pred, __detail::__csim_deadline(__atime));
}

template <typename _Tp, typename _ValFn, typename _Rep, typename _Period>
bool __atomic_wait_address_for_v(const _Tp* __addr, _Tp&& __old, _ValFn&& __vfn,
                                 const chrono::duration<_Rep, _Period>& __rtime) noexcept {
  return __detail::__csim_wait_value(
      __addr, __old, __vfn, __detail::__csim_deadline(chrono::steady_clock::now() + __rtime));
}

template <typename _Tp, typename _Pred, typename _Rep, typename _Period>
bool __atomic_wait_address_for(const _Tp* __addr, _Pred __pred,
                               const chrono::duration<_Rep, _Period>& __rtime) noexcept {
  return __detail::__csim_wait_until_true(
      __addr, __pred, __detail::__csim_deadline(chrono::steady_clock::now() + __rtime));
}

template <typename _Pred, typename _Rep, typename _Period>
bool __atomic_wait_address_for_bare(const __detail::__platform_wait_t* __addr, _Pred __pred,
                                    const chrono::duration<_Rep, _Period>& __rtime) noexcept {
  return __detail::__csim_wait_until_true(
      __addr, __pred, __detail::__csim_deadline(chrono::steady_clock::now() + __rtime));
}

_GLIBCXX_END_NAMESPACE_VERSION
}  // namespace std _GLIBCXX_VISIBILITY(default)

#endif  // _GLIBCXX_ATOMIC_TIMED_WAIT_H
