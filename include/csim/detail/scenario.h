// Scenarios: who calls which operation with which arguments.
//
// A variant is an operation with arguments. Threads are alike, so of the scenarios that differ only in
// which thread does what there is one.
#ifndef CSIM_DETAIL_SCENARIO_H_
#define CSIM_DETAIL_SCENARIO_H_

#pragma GCC system_header

#include <cstdint>
#include <vector>

namespace csim::detail {

class scenarios {
 public:
  using scenario = std::vector<unsigned>;  // variants of the first thread, of the second, ...

  // `most`: if there are more, only so many of them are taken, by chance from `seed`.
  scenarios(unsigned threads, unsigned operations, unsigned variants, unsigned most, unsigned seed)
      : threads_(threads), operations_(operations), variants_(variants), seed_(seed) {
    for (unsigned i = 0; i < operations && sequences_ < kMany; ++i) sequences_ *= variants;
    all_ = multisets(sequences_, threads);
    count_ = static_cast<unsigned>(all_ < most ? all_ : most);
  }

  unsigned threads() const { return threads_; }
  unsigned operations() const { return operations_; }
  unsigned count() const { return count_; }
  bool complete() const { return count_ == all_; }

  scenario at(unsigned index) const {
    scenario result(threads_ * operations_);
    if (!complete()) {
      std::uint64_t random = seed_ * std::uint64_t{0x9e3779b97f4a7c15} + index;
      for (unsigned& variant : result) variant = static_cast<unsigned>(draw(random) % variants_);
      return result;
    }
    // Sequences of the threads in ascending order, the first thread's first.
    std::uint64_t rest = index;
    std::uint64_t sequence = 0;
    for (unsigned t = 0; t < threads_; ++t) {
      for (;; ++sequence) {
        const std::uint64_t below = multisets(sequences_ - sequence, threads_ - t - 1);
        if (rest < below) break;
        rest -= below;
      }
      std::uint64_t digits = sequence;
      for (unsigned i = operations_; i-- > 0; digits /= variants_) {
        result[t * operations_ + i] = static_cast<unsigned>(digits % variants_);
      }
    }
    return result;
  }

 private:
  static constexpr std::uint64_t kMany = std::uint64_t{1} << 31;

  // Ways to choose `size` of `kinds`, each as often as one likes; kMany at most.
  static std::uint64_t multisets(std::uint64_t kinds, unsigned size) {
    std::uint64_t result = 1;
    for (unsigned i = 0; i < size; ++i) {
      if (kinds + i >= kMany) return kMany;
      result = result * (kinds + i) / (i + 1);
      if (result >= kMany) return kMany;
    }
    return result;
  }

  static std::uint64_t draw(std::uint64_t& state) {  // splitmix64
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  unsigned threads_, operations_, variants_, seed_;
  std::uint64_t sequences_ = 1;  // of one thread
  std::uint64_t all_ = 0;
  unsigned count_ = 0;
};

}  // namespace csim::detail

#endif  // CSIM_DETAIL_SCENARIO_H_
