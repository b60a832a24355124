// What an operation of a concurrent object gave back, as a value that can be compared and shown: the
// results of the object and of its sequential specification need not have the same type for that.
#ifndef CSIM_DETAIL_OUTCOME_H_
#define CSIM_DETAIL_OUTCOME_H_

#pragma GCC system_header

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace csim::detail {

inline std::string demangled(const std::string& name) {
  int status = 0;
  char* const readable = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  const std::string result = readable == nullptr ? name : readable;
  std::free(readable);
  return result;
}

struct outcome {
  enum class kind : unsigned char { nothing, boolean, number, large, absent, text, thrown };
  kind what = kind::nothing;
  long long number = 0;
  std::string text;

  friend bool operator==(const outcome& a, const outcome& b) {
    return a.what == b.what && a.number == b.number && a.text == b.text;
  }
  // "3", "true", "none", "throws std::out_of_range"; empty for nothing.
  std::string shown() const {
    switch (what) {
      case kind::nothing: return "";
      case kind::boolean: return number != 0 ? "true" : "false";
      case kind::number: return std::to_string(number);
      case kind::large: return std::to_string(static_cast<unsigned long long>(number));
      case kind::absent: return "none";
      case kind::text: return text;
      case kind::thrown: return "throws " + demangled(text);
    }
    return "";
  }
};

template <class T>
outcome outcome_of(const T& value);

template <class T, class = void>
struct has_to_text : std::false_type {};
template <class T>
struct has_to_text<T, std::void_t<decltype(std::string(to_text(std::declval<const T&>())))>>
    : std::true_type {};

template <class T, class = void>
struct is_range : std::false_type {};
template <class T>
struct is_range<T, std::void_t<decltype(std::declval<const T&>().begin()),
                               decltype(std::declval<const T&>().end())>> : std::true_type {};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T, class = void>
struct is_tuple : std::false_type {};
template <class T>
struct is_tuple<T, std::void_t<decltype(std::tuple_size<T>::value)>> : std::true_type {};

inline outcome text_outcome(std::string text) {
  outcome result;
  result.what = outcome::kind::text;
  result.text = std::move(text);
  return result;
}

template <class Tuple, std::size_t... kIndex>
std::string tuple_text(const Tuple& tuple, std::index_sequence<kIndex...>) {
  std::string text = "(";
  ((text += (kIndex == 0 ? "" : ", ") + outcome_of(std::get<kIndex>(tuple)).shown()), ...);
  return text + ")";
}

template <class T>
std::string range_text(const T& range) {
  std::string text = "{";
  for (const auto& element : range) {
    text += (text.size() == 1 ? "" : ", ") + outcome_of(element).shown();
  }
  return text + "}";
}

// Numbers, bool, enums, strings, std::optional, pairs, tuples, ranges of such, and whatever has a
// `std::string to_text(const T&)` in its own namespace.
template <class T>
outcome outcome_of(const T& value) {
  outcome result;
  if constexpr (has_to_text<T>::value) {
    return text_outcome(to_text(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    result.what = outcome::kind::boolean;
    result.number = value ? 1 : 0;
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    result.number = static_cast<long long>(value);
    const bool large = std::is_unsigned_v<T> && result.number < 0;
    result.what = large ? outcome::kind::large : outcome::kind::number;
  } else if constexpr (std::is_floating_point_v<T>) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", static_cast<double>(value));
    return text_outcome(text);
  } else if constexpr (is_optional<T>::value) {
    if (value.has_value()) return outcome_of(*value);
    result.what = outcome::kind::absent;
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return text_outcome('"' + std::string(std::string_view(value)) + '"');
  } else if constexpr (is_tuple<T>::value) {
    return text_outcome(tuple_text(value, std::make_index_sequence<std::tuple_size<T>::value>()));
  } else {
    static_assert(is_range<T>::value,
                  "csim::check_linearizable cannot show this type: give it a to_text(const T&)");
    return text_outcome(range_text(value));
  }
  return result;
}

// What `call()` gives, or throws.
template <class Call>
outcome outcome_of_call(Call call) {
#if defined(__cpp_exceptions) && defined(__cpp_rtti)
  try {
#endif
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      return {};
    } else {
      return outcome_of(call());
    }
#if defined(__cpp_exceptions) && defined(__cpp_rtti)
  } catch (const std::exception& exception) {
    outcome result;
    result.what = outcome::kind::thrown;
    result.text = typeid(exception).name();
    return result;
  }
#endif
}

}  // namespace csim::detail

#endif  // CSIM_DETAIL_OUTCOME_H_
