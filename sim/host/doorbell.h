// How programs under test wake csim: a word in a page that all of them share with it, for any number of
// sessions at once. It says that something has happened, not what.
#ifndef CSIM_SIM_HOST_DOORBELL_H_
#define CSIM_SIM_HOST_DOORBELL_H_

#include <atomic>
#include <chrono>
#include <cstdint>

namespace csim {

class Doorbell {
 public:
  Doorbell();
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // How often it has rung.
  uint32_t Rings() const { return word_ == nullptr ? 0 : word_->load(); }
  // Returns when it has rung more often than `rings`, when the time is over, or earlier.
  void Wait(uint32_t rings, std::chrono::milliseconds at_most) const;
  // Of the page, for the program to map; -1 if the system gave none: then Wait only waits.
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::atomic<uint32_t>* word_ = nullptr;
};

// Wakes all who wait in the kernel for a change of the word.
void WakeWaiters(std::atomic<uint32_t>* word);

}  // namespace csim

#endif  // CSIM_SIM_HOST_DOORBELL_H_
