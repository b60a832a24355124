// Either a value or one clear message for the user.
#ifndef CSIM_SIM_HOST_RESULT_H_
#define CSIM_SIM_HOST_RESULT_H_

#include <optional>
#include <string>
#include <utility>

namespace csim {

struct Error {
  std::string message;
};

template <typename T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}              // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error.message)) {}  // NOLINT(google-explicit-constructor)
  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  // REQUIRES: there is no value.
  const std::string& error() const { return error_; }

 private:
  std::optional<T> value_;
  std::string error_;
};

}  // namespace csim

#endif  // CSIM_SIM_HOST_RESULT_H_
