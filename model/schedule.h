// A schedule: the choices of one execution, as a plain value.
//
// Run-length encoded: a task that goes on for a thousand operations is one run. Two schedules are
// equal if they make the same choices. The text form stands in trace files:
//
//   "0x12 1 0 2:1x3"     task 0 twelve times, task 1 once, task 0 once, task 2 three times, each
//                        time in alternative 1
//
// Memory comes from the memory_resource given at construction.
#ifndef CSIM_MODEL_SCHEDULE_H_
#define CSIM_MODEL_SCHEDULE_H_

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"

namespace csim {

// Which task goes next, and in which of the ways that are open to it.
struct Choice {
  TaskId task = kNoTask;
  uint32_t alternative = 0;
  friend bool operator==(const Choice&, const Choice&) = default;
};

// A cycle in an execution: after `begin` choices, every `length` choices lead back to the state there.
struct Cycle {
  uint64_t begin = 0;
  uint64_t length = 0;  // 0: there is none
};

class Schedule {
 public:
  struct Run {
    Choice choice;
    uint32_t count = 0;  // at least 1
    friend bool operator==(const Run&, const Run&) = default;
  };

  explicit Schedule(std::pmr::memory_resource* memory) : runs_(memory) {}
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule& other);
  Schedule(Schedule&&) = default;

  void Append(Choice choice);
  void Clear();

  // How many choices it has.
  uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // INVARIANT: neighbouring runs differ in their choice, so that equal schedules have equal runs.
  const std::pmr::vector<Run>& runs() const { return runs_; }

  friend bool operator==(const Schedule& a, const Schedule& b) { return a.runs_ == b.runs_; }

  // Appends the text form to `text`.
  void AppendText(std::pmr::string& text) const;

  // Why a text is no schedule; `message` is null if it is one.
  struct ParseError {
    const char* message = nullptr;
    size_t position = 0;  // in the text
  };
  // Replaces the schedule by the one in `text`; leaves it empty on an error. Strict: single spaces,
  // no leading zeros, no count of 1, no two neighbouring runs that should be one.
  ParseError Parse(std::string_view text);

 private:
  std::pmr::vector<Run> runs_;
  uint64_t size_ = 0;
};

// Reads a schedule choice by choice.
class ScheduleCursor {
 public:
  explicit ScheduleCursor(const Schedule& schedule) : schedule_(&schedule) {}

  bool AtEnd() const { return run_ == schedule_->runs().size(); }
  // REQUIRES: !AtEnd().
  Choice Get() const { return schedule_->runs()[run_].choice; }
  void Next() {
    if (++done_ < schedule_->runs()[run_].count) return;
    ++run_;
    done_ = 0;
  }

 private:
  const Schedule* schedule_;
  size_t run_ = 0;
  uint32_t done_ = 0;  // choices of that run already read
};

}  // namespace csim

#endif  // CSIM_MODEL_SCHEDULE_H_
