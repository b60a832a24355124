#include "model/schedule.h"

#include <charconv>
#include <limits>

namespace csim {
namespace {

constexpr uint32_t kMaxCount = std::numeric_limits<uint32_t>::max();

void AppendNumber(std::pmr::string& text, uint32_t number) {
  char digits[16];
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  text.append(digits, end);
}

// Reads one run from the front of a text.
class RunParser {
 public:
  explicit RunParser(std::string_view text) : text_(text) {}

  size_t position() const { return position_; }
  const char* error() const { return error_; }
  bool AtEnd() const { return position_ == text_.size(); }

  bool Skip(char c) {
    if (AtEnd() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  Schedule::Run ReadRun() {
    Schedule::Run run{Choice{}, 1};
    run.choice.task = TaskId{static_cast<uint16_t>(ReadNumber(Index(kNoTask) - 1))};
    if (error_ == nullptr && Skip(':')) {
      run.choice.alternative = ReadNumber(kMaxCount);
      if (error_ == nullptr && run.choice.alternative == 0) error_ = "alternative 0 is not written";
    }
    if (error_ == nullptr && Skip('x')) {
      run.count = ReadNumber(kMaxCount);
      if (error_ == nullptr && run.count < 2) error_ = "a count is at least 2";
    }
    return run;
  }

 private:
  uint32_t ReadNumber(uint32_t max) {
    const char* first = text_.data() + position_;
    const char* last = text_.data() + text_.size();
    uint32_t number = 0;
    auto [end, code] = std::from_chars(first, last, number);
    if (code == std::errc::invalid_argument) error_ = "a number is expected";
    if (code == std::errc::result_out_of_range) error_ = "the number is too big";
    if (error_ != nullptr) return 0;
    if (number > max) error_ = "the number is too big";
    if (*first == '0' && end - first > 1) error_ = "a number has no leading zeros";
    if (error_ == nullptr) position_ += static_cast<size_t>(end - first);
    return number;
  }

  std::string_view text_;
  size_t position_ = 0;
  const char* error_ = nullptr;
};

}  // namespace

Schedule& Schedule::operator=(const Schedule& other) {
  runs_.assign(other.runs_.begin(), other.runs_.end());
  size_ = other.size_;
  return *this;
}

void Schedule::Append(Choice choice) {
  ++size_;
  if (!runs_.empty() && runs_.back().choice == choice && runs_.back().count != kMaxCount) {
    ++runs_.back().count;
  } else {
    runs_.push_back(Run{choice, 1});
  }
}

void Schedule::Clear() {
  runs_.clear();
  size_ = 0;
}

void Schedule::AppendText(std::pmr::string& text) const {
  bool first = true;
  for (const Run& run : runs_) {
    if (!first) text += ' ';
    first = false;
    AppendNumber(text, Index(run.choice.task));
    if (run.choice.alternative != 0) {
      text += ':';
      AppendNumber(text, run.choice.alternative);
    }
    if (run.count != 1) {
      text += 'x';
      AppendNumber(text, run.count);
    }
  }
}

Schedule::ParseError Schedule::Parse(std::string_view text) {
  Clear();
  RunParser parser(text);
  ParseError error;
  while (!parser.AtEnd()) {
    size_t start = parser.position();
    if (!runs_.empty() && !parser.Skip(' ')) {
      error = {"a space is expected", start};
      break;
    }
    start = parser.position();
    Run run = parser.ReadRun();
    error = {parser.error(), parser.position()};
    if (error.message == nullptr && !runs_.empty() && runs_.back().choice == run.choice &&
        runs_.back().count != kMaxCount) {
      error = {"two neighbouring runs of the same choice", start};
    }
    if (error.message != nullptr) break;
    runs_.push_back(run);
    size_ += run.count;
  }
  if (error.message != nullptr) Clear();
  return error;
}

}  // namespace csim
