// The pseudo-random numbers of all random strategies: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
#ifndef CSIM_SCHEDULER_GENERATOR_H_
#define CSIM_SCHEDULER_GENERATOR_H_

#include <cstdint>

namespace csim {

class Generator {
 public:
  // The stream of execution `number` under `seed`; streams of different numbers are independent.
  Generator() = default;
  Generator(uint64_t seed, uint64_t number) : state_(Mix(Mix(seed + kStep) ^ number)) {}

  uint64_t Next() { return Mix(state_ += kStep); }
  // Uniform in [0, n), with an error below n / 2^32. REQUIRES: n > 0.
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>((Next() >> 32) * n >> 32); }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;
  static uint64_t Mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
  }

  uint64_t state_ = 0;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_GENERATOR_H_
