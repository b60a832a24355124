#include "scheduler/sampling_frontier.h"

#include <algorithm>

#include "scheduler/sampling.h"

namespace csim {

uint64_t SamplingFrontier::EndOfRound() const {
  const uint64_t round = size_ == 0 ? SamplingStrategy::kLessons : size_ * kParts;
  return next_ + std::min(round, executions_ - next_);
}

std::string SamplingFrontier::StateAt(uint64_t execution) const {
  StateWriter writer;
  writer.Number(execution);
  writer.Raw(lessons_);
  return std::string(writer.Seal());
}

std::vector<Part> SamplingFrontier::NextRound() {
  const uint64_t end = EndOfRound();
  std::vector<Part> parts;
  for (uint64_t first = next_; first < end;) {
    const uint64_t size = size_ == 0 ? end - first : std::min(size_, end - first);
    parts.push_back({strategy_, first == 0 ? "" : StateAt(first), size});
    first += size;
  }
  return parts;
}

void SamplingFrontier::Return(size_t, PartResult result) {
  bounded_ |= result.bounded;
  const uint64_t end = EndOfRound();
  if (size_ == 0) {
    StateReader reader(result.state);
    reader.Number();
    lessons_ = reader.Rest();
  } else if (++returned_ < (end - next_ + size_ - 1) / size_) {
    return;
  }
  next_ = end;
  size_ = size_ == 0 ? kSmallest : std::min(size_ * 2, kLargest);
  returned_ = 0;
}

void SamplingFrontier::Restart() {
  next_ = size_ = 0;
  lessons_.clear();
  returned_ = 0;
  bounded_ = false;
}

std::string SamplingFrontier::Save() const {
  StateWriter writer;
  writer.Bytes(strategy_);
  writer.Number(next_);
  writer.Number(size_);
  writer.Flag(bounded_);
  writer.Bytes(lessons_);
  return std::string(writer.Seal());
}

bool SamplingFrontier::Load(std::string_view state) {
  Restart();
  StateReader reader(state);
  const bool mine = reader.Bytes() == strategy_;
  next_ = reader.Number(executions_);
  size_ = reader.Number(kLargest);
  bounded_ = reader.Flag();
  lessons_ = reader.Bytes();
  if (mine && reader.AtEnd() && (size_ == 0) == (next_ == 0)) return true;
  Restart();
  return false;
}

}  // namespace csim
