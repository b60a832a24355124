#include "sim/host/doorbell.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>
#include <thread>

namespace csim {

namespace {
constexpr size_t kPage = 4096;
}

Doorbell::Doorbell() {
  fd_ = memfd_create("csim-bell", MFD_CLOEXEC);
  if (fd_ < 0 || ftruncate(fd_, kPage) != 0) return;
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (page != MAP_FAILED) word_ = static_cast<std::atomic<uint32_t>*>(page);
}

Doorbell::~Doorbell() {
  if (word_ != nullptr) munmap(word_, kPage);
  if (fd_ >= 0) close(fd_);
}

void Doorbell::Wait(uint32_t rings, std::chrono::milliseconds at_most) const {
  if (word_ == nullptr) {
    std::this_thread::sleep_for(at_most);
    return;
  }
  const auto count = at_most.count();
  const timespec time{static_cast<time_t>(count / 1000), static_cast<long>(count % 1000 * 1000000)};
  syscall(SYS_futex, word_, FUTEX_WAIT, rings, &time, nullptr, 0);
}

void WakeWaiters(std::atomic<uint32_t>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace csim
