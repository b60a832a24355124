// A stop watch.
#ifndef CSIM_INSTRUMENT_FRONTEND_CLOCK_H_
#define CSIM_INSTRUMENT_FRONTEND_CLOCK_H_

#include <chrono>

namespace csim::instrument {

class Clock {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_CLOCK_H_
