// What the strategies that sample have in common: numbered executions, each determined by the seed and
// its number, so that they can be run in any order and by anybody.
//
// Some learn from executions about the program (how long it is, who works on what). For an execution to
// depend on its number alone, learning ends after the first kLessons ones: these are always run in their
// order, by one strategy, and what they taught goes along with the state.
#ifndef CSIM_SCHEDULER_SAMPLING_H_
#define CSIM_SCHEDULER_SAMPLING_H_

#include <cstdint>

#include "scheduler/generator.h"
#include "scheduler/state.h"
#include "scheduler/strategy.h"

namespace csim {

class SamplingStrategy : public Strategy {
 public:
  static constexpr uint64_t kLessons = 16;

  // Runs executions number `first`, `first` + 1, ... `executions` of them.
  SamplingStrategy(uint64_t seed, uint64_t executions, uint64_t first = 0)
      : seed_(seed), left_(executions), next_(first) {}

  bool FinishExecution(Outcome outcome) final {
    if (next_ <= kLessons) Learn(outcome);
    return left_ > 1 ? --left_, true : false;
  }
  bool complete() const final { return false; }
  void Restart() final {
    next_ = 0;
    Forget();
  }

  // The state is the number of the next execution, and what was learnt.
  bool Save(StateWriter& writer) const final {
    writer.Number(next_);
    SaveLessons(writer);
    return true;
  }
  bool Load(StateReader& reader) final {
    next_ = reader.Number();
    return LoadLessons(reader) && reader.AtEnd();
  }

 protected:
  // The numbers of the execution that begins.
  Generator NextGenerator() { return Generator(seed_, next_++); }

 private:
  virtual void Learn(Outcome) {}
  virtual void Forget() {}
  virtual void SaveLessons(StateWriter&) const {}
  virtual bool LoadLessons(StateReader& reader) { return reader.ok(); }

  uint64_t seed_;
  uint64_t left_;
  uint64_t next_;  // number of the next execution
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_SAMPLING_H_
