// See helper_header.h.
//
// One function for each builtin type and comparison, so that operands convert exactly as in the
// comparison itself, in C and in C++; and templates for what only C++ has.
#include "instrument/source/helper_header.h"

namespace csim::instrument {
namespace {

constexpr char kText[] = R"header(
#pragma GCC system_header
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#ifdef __cplusplus
extern "C" {
#endif
void csim_assert_failed(const char *, const char *, unsigned, const char *, const char *,
                        const char *) __attribute__((noreturn));
void csim_capability_required(const void *, int, const char *);
void csim_capability_expected(const void *, int, const char *);
void csim_capability_excluded(const void *, const char *);
unsigned csim_capability_count(const void *);
void csim_capability_acquired(const void *, int, unsigned, const void *);
void csim_capability_released(const void *, unsigned);
void csim_capability_scope_ended(const void *);
#ifdef __cplusplus
}
#endif
#if defined(__cplusplus) && __cplusplus >= 201402L
#define CSIM_HELPER constexpr static inline
#else
#define CSIM_HELPER static inline
#endif
#define CSIM_QUIET __attribute__((disable_sanitizer_instrumentation, unused))
#define CSIM_COLD static __attribute__((disable_sanitizer_instrumentation, unused, noinline, cold))
#define CSIM_REST const char *csim_kinds, const char *csim_text, const char *csim_file, \
                  unsigned csim_line, const char *csim_function
#define CSIM_TEXT_SIZE 128

#define CSIM_NUMBER(name, type, format)                                                   \
  CSIM_COLD void csim_print_##name(char *out, type value, char kind) {                    \
    if (kind == 'b')                                                                      \
      __builtin_snprintf(out, CSIM_TEXT_SIZE, "%s", value ? "true" : "false");            \
    else if (kind == 'c' && value >= 32 && value < 127)                                   \
      __builtin_snprintf(out, CSIM_TEXT_SIZE, "'%c'", (int)value);                        \
    else                                                                                  \
      __builtin_snprintf(out, CSIM_TEXT_SIZE, format, value);                             \
  }                                                                                       \
  CSIM_COMPARISONS(name, type)
#define CSIM_COMPARISONS(name, type)                                                      \
  CSIM_COLD void csim_failed_##name(type a, type b, CSIM_REST) {                          \
    char left[CSIM_TEXT_SIZE], right[CSIM_TEXT_SIZE];                                     \
    csim_print_##name(left, a, csim_kinds[0]);                                            \
    csim_print_##name(right, b, csim_kinds[1]);                                           \
    csim_assert_failed(csim_text, csim_file, csim_line, csim_function, left, right);      \
  }                                                                                       \
  CSIM_COMPARISON(name, type, eq, ==) CSIM_COMPARISON(name, type, ne, !=)                 \
  CSIM_COMPARISON(name, type, lt, <) CSIM_COMPARISON(name, type, le, <=)                  \
  CSIM_COMPARISON(name, type, gt, >) CSIM_COMPARISON(name, type, ge, >=)
#define CSIM_COMPARISON(name, type, suffix, op)                                           \
  CSIM_QUIET __attribute__((always_inline)) CSIM_HELPER void                              \
  csim_assert_##name##_##suffix(type a, type b, CSIM_REST) {                              \
    if (__builtin_expect(!(a op b), 0))                                                   \
      csim_failed_##name(a, b, csim_kinds, csim_text, csim_file, csim_line,               \
                         csim_function);                                                  \
  }
CSIM_NUMBER(int, int, "%d")
CSIM_NUMBER(uint, unsigned, "%u")
CSIM_NUMBER(long, long, "%ld")
CSIM_NUMBER(ulong, unsigned long, "%lu")
CSIM_NUMBER(llong, long long, "%lld")
CSIM_NUMBER(ullong, unsigned long long, "%llu")
CSIM_NUMBER(float, float, "%.9g")
CSIM_NUMBER(double, double, "%.17g")
CSIM_NUMBER(ldouble, long double, "%.21Lg")
CSIM_COLD void csim_print_pointer(char *out, const volatile void *value, char kind) {
  (void)kind;
  if (value)
    __builtin_snprintf(out, CSIM_TEXT_SIZE, "%p", (void *)value);
  else
    __builtin_snprintf(out, CSIM_TEXT_SIZE, "null");
}
CSIM_COMPARISONS(pointer, const volatile void *)

#ifdef __cplusplus
template <int Kind> struct csim_printer {  // 0: cannot be printed
  template <class T> CSIM_QUIET static bool print(char *, const T &, char) { return false; }
};
template <> struct csim_printer<1> {  // integers and enumerations
  template <class T> CSIM_QUIET static bool print(char *out, const T &value, char kind) {
    if (T(-1) < T(0)) csim_print_llong(out, (long long)value, kind);
    else csim_print_ullong(out, (unsigned long long)value, kind);
    return true;
  }
};
template <> struct csim_printer<2> {  // floating point
  template <class T> CSIM_QUIET static bool print(char *out, const T &value, char) {
    csim_print_ldouble(out, value, 'v');
    return true;
  }
};
CSIM_COLD bool csim_print_characters(char *out, const char *text, unsigned long size) {
  __builtin_snprintf(out, CSIM_TEXT_SIZE, size > 120 ? "\"%.*s...\"" : "\"%.*s\"",
                     (int)(size > 120 ? 117 : size), text);
  return true;
}
CSIM_QUIET static inline bool csim_print_text(char *out, const char *text, int) {
  return csim_print_characters(out, text ? text : "(null)", text ? __builtin_strlen(text) : 6);
}
template <class T>
CSIM_QUIET static auto csim_print_text(char *out, const T &text, int)
    -> decltype(csim_print_characters(out, text.data(), text.size())) {
  return csim_print_characters(out, text.data(), text.size());
}
template <class T>
CSIM_QUIET static auto csim_print_text(char *out, const T *value, long) -> bool {
  csim_print_pointer(out, (const volatile void *)value, 'v');
  return true;
}
CSIM_QUIET static inline bool csim_print_text(char *, ...) { return false; }
template <> struct csim_printer<3> {  // texts, pointers, others
  template <class T> CSIM_QUIET static bool print(char *out, const T &value, char) {
    return csim_print_text(out, value, 0);
  }
};
template <class T> CSIM_QUIET static bool csim_print_any(char *out, const T &value, char kind) {
  return csim_printer<__is_integral(T) || __is_enum(T) ? 1 : __is_floating_point(T) ? 2
                      : 3>::print(out, value, __is_same(T, bool) ? 'b' : __is_same(T, char)
                                                                     ? 'c' : kind);
}
template <class A, class B>
CSIM_COLD void csim_failed_any(const A &a, const B &b, CSIM_REST) {
  char left[CSIM_TEXT_SIZE], right[CSIM_TEXT_SIZE];
  const bool l = csim_print_any(left, a, csim_kinds[0]);
  const bool r = csim_print_any(right, b, csim_kinds[1]);
  csim_assert_failed(csim_text, csim_file, csim_line, csim_function, l && r ? left : nullptr,
                     l && r ? right : nullptr);
}
#define CSIM_ANY(suffix, op)                                                              \
  template <class A, class B>                                                             \
  CSIM_QUIET __attribute__((always_inline)) CSIM_HELPER void                              \
  csim_assert_any_##suffix(const A &a, const B &b, CSIM_REST) {                           \
    if (__builtin_expect(!(a op b), 0))                                                   \
      csim_failed_any(a, b, csim_kinds, csim_text, csim_file, csim_line, csim_function);  \
  }                                                                                       \
  template <class A>  /* a literal 0, which may be a null pointer */                      \
  CSIM_QUIET __attribute__((always_inline)) CSIM_HELPER void                              \
  csim_assert_zero_##suffix(const A &a, int, CSIM_REST) {                                 \
    if (__builtin_expect(!(a op 0), 0))                                                   \
      csim_failed_any(a, 0, csim_kinds, csim_text, csim_file, csim_line, csim_function);  \
  }
CSIM_ANY(eq, ==) CSIM_ANY(ne, !=) CSIM_ANY(lt, <) CSIM_ANY(le, <=) CSIM_ANY(gt, >)
CSIM_ANY(ge, >=)
#undef CSIM_ANY
#endif

// A call of a function that acquires or releases a capability.
enum csim_capability_change { csim_acquire, csim_release, csim_try_acquire, csim_end_scope };
struct csim_capability_frame {
  const void *object, *scope;
  unsigned before;
  enum csim_capability_change change;
  int shared;
};
CSIM_QUIET __attribute__((always_inline)) static inline struct csim_capability_frame
csim_capability_enter(const void *object, enum csim_capability_change change, int shared,
                      const void *scope) {
  struct csim_capability_frame frame = {object, scope, csim_capability_count(object), change, shared};
  return frame;
}
CSIM_QUIET __attribute__((always_inline)) static inline void csim_capability_leave(
    struct csim_capability_frame *frame) {
  if (frame->change == csim_acquire)
    csim_capability_acquired(frame->object, frame->shared, frame->before, frame->scope);
  if (frame->change == csim_release) csim_capability_released(frame->object, frame->before);
  if (frame->change == csim_end_scope) csim_capability_scope_ended(frame->object);
}
CSIM_QUIET __attribute__((always_inline)) static inline long long csim_capability_tried(
    const struct csim_capability_frame *frame, int success, long long value) {
  if ((value != 0) == success)
    csim_capability_acquired(frame->object, frame->shared, frame->before, frame->scope);
  return value;
}
#undef CSIM_HELPER
#undef CSIM_QUIET
#undef CSIM_COLD
#undef CSIM_REST
#undef CSIM_TEXT_SIZE
#undef CSIM_NUMBER
#undef CSIM_COMPARISONS
#undef CSIM_COMPARISON
#pragma clang diagnostic pop
)header";

}  // namespace

const char* HelperHeaderText() { return kText; }

}  // namespace csim::instrument
