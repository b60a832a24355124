#include "scheduler/random.h"

#include "scheduler/tasks.h"

namespace csim {
namespace {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;

uint64_t Mix(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

}  // namespace

uint64_t RandomStrategy::Next() { return Mix(state_ += kStep); }

// The error against a uniform choice is below n / 2^32.
uint32_t RandomStrategy::Below(uint32_t n) {
  return static_cast<uint32_t>((Next() >> 32) * n >> 32);
}

void RandomStrategy::BeginExecution() { state_ = Mix(Mix(seed_ + kStep) ^ next_++); }

Choice RandomStrategy::Choose(const SchedulingPoint& point) {
  enabled_.clear();
  ForEachEnabled(point.machine, 0, [&](TaskId task, Alternatives alternatives) {
    enabled_.push_back({task, alternatives});
    return false;
  });
  if (enabled_.empty()) return {};
  const auto [task, alternatives] = enabled_[Below(static_cast<uint32_t>(enabled_.size()))];
  const uint32_t number = alternatives.count == 1 ? 0 : Below(alternatives.count);
  return {task, alternatives.first + number};
}

bool RandomStrategy::FinishExecution(Outcome) { return left_ > 1 ? --left_, true : false; }

}  // namespace csim
