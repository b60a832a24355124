#include "sim/host/session.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <thread>

namespace csim {

namespace {

using Clock = std::chrono::steady_clock;

// Addresses that programs, their libraries, heaps and stacks do not use; tried in order.
constexpr uintptr_t kCandidates[] = {0x200000000000, 0x300000000000, 0x280000000000,
                                     0x380000000000};

std::string ErrnoText() { return std::strerror(errno); }

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct ChildPlan {
  const char* program;
  char* const* argv;
  char* const* envp;
  int stdin_fd;
  int output_fd;
  int error_fd;
  int mapping_fd;
  int cpu;
  pid_t parent;
};

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void RunChild(const ChildPlan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);
  personality(static_cast<unsigned long>(personality(0xffffffff)) | ADDR_NO_RANDOMIZE);
  if (plan.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(plan.cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
  }
  dup2(plan.stdin_fd, 0);
  dup2(plan.output_fd, 1);
  dup2(plan.output_fd, 2);
  fcntl(plan.mapping_fd, F_SETFD, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.program, plan.argv, plan.envp);
  const int error = errno;
  if (write(plan.error_fd, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

std::vector<std::string> EnvironmentWith(const std::string& variable) {
  std::vector<std::string> result;
  for (char** e = environ; *e != nullptr; ++e) {
    if (std::strncmp(*e, "LD_BIND_NOW=", 12) != 0) result.emplace_back(*e);
  }
  result.push_back(variable);
  result.emplace_back("LD_BIND_NOW=1");
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

bool Session::MakeMapping(const SessionOptions& options) {
  mapping_fd_ = memfd_create("csim", MFD_CLOEXEC);
  if (mapping_fd_ < 0 || ftruncate(mapping_fd_, kMappingSize) != 0) return false;
  for (uintptr_t address : kCandidates) {
    void* p = mmap(reinterpret_cast<void*>(address), kMappingSize, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, mapping_fd_, 0);
    if (p == MAP_FAILED) continue;
    mapping_ = static_cast<Mapping*>(p);
    mapping_->magic = kMappingMagic;
    mapping_->size = kMappingSize;
    mapping_->address = address;
    mapping_->config = options.config;
    PutInputs(options);
    std::memcpy(&config_, &mapping_->config, sizeof config_);  // with its padding, to be compared
    return true;
  }
  return false;
}

// The schedule and the racy locations go to the end of the mapping, behind what the arena may use.
void Session::PutInputs(const SessionOptions& options) {
  char* end = reinterpret_cast<char*>(mapping_) + kMappingSize;
  const size_t schedule_bytes = options.schedule.size() * sizeof(ScheduleRun);
  const size_t racy_bytes = options.racy.size() * sizeof(LocationKey);
  char* at = end - ((schedule_bytes + racy_bytes + 4095) & ~size_t{4095});
  if (schedule_bytes != 0) std::memcpy(at, options.schedule.data(), schedule_bytes);
  if (racy_bytes != 0) std::memcpy(at + schedule_bytes, options.racy.data(), racy_bytes);
  Config& config = mapping_->config;
  config.schedule_offset = static_cast<uint64_t>(at - reinterpret_cast<char*>(mapping_));
  config.schedule_runs = static_cast<uint32_t>(options.schedule.size());
  config.racy_offset = config.schedule_offset + schedule_bytes;
  config.racy_count = static_cast<uint32_t>(options.racy.size());
  config.use_stdin = !options.stdin_file.empty();
}

bool Session::Launch(const SessionOptions& options, std::string* error) {
  const char* input = options.stdin_file.empty() ? "/dev/null" : options.stdin_file.c_str();
  const int stdin_fd = open(input, O_RDONLY | O_CLOEXEC);
  if (stdin_fd < 0) {
    *error = std::string("cannot read '") + input + "': " + ErrnoText();
    return false;
  }
  const int output_fd = memfd_create("csim-output", MFD_CLOEXEC);
  int error_pipe[2];
  if (output_fd < 0 || pipe2(error_pipe, O_CLOEXEC) != 0) {
    *error = "cannot start the program: " + ErrnoText();
    return false;
  }
  std::vector<std::string> arguments = {options.argument0};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  char variable[128];
  std::snprintf(variable, sizeof variable, "%s=%x:%lx:%lx", kMappingVariable, mapping_fd_,
                static_cast<unsigned long>(mapping_->address),
                static_cast<unsigned long>(mapping_->size));
  std::vector<std::string> environment = EnvironmentWith(variable);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const ChildPlan plan{options.program.c_str(), argv.data(), envp.data(), stdin_fd, output_fd,
                       error_pipe[1],           mapping_fd_, options.cpu, getpid()};
  pid_ = fork();
  if (pid_ == 0) RunChild(plan);
  close(stdin_fd);
  close(output_fd);
  close(error_pipe[1]);
  int exec_error = 0;
  const bool failed = pid_ < 0 || read(error_pipe[0], &exec_error, sizeof exec_error) > 0;
  close(error_pipe[0]);
  if (failed) *error = "cannot run '" + options.program + "': " + std::strerror(exec_error);
  return !failed;
}

Result<std::unique_ptr<Session>> Session::Start(const SessionOptions& options) {
  std::unique_ptr<Session> session(new Session);
  session->time_limit_ = options.time_limit;
  if (!session->MakeMapping(options)) {
    return Error{"cannot make the memory shared with the program: " + ErrnoText()};
  }
  std::string error;
  if (!session->Launch(options, &error)) return Error{error};
  return session;
}

void Session::Kill() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  kill(-pid_, SIGKILL);
  pid_ = -1;
}

Session::~Session() {
  Kill();
  if (mapping_ != nullptr) munmap(mapping_, kMappingSize);
  if (mapping_fd_ >= 0) close(mapping_fd_);
}

bool Session::FindDamage() {
  const Mapping& m = *mapping_;
  const bool sound = m.magic == kMappingMagic && m.size == kMappingSize &&
                     m.address == reinterpret_cast<uintptr_t>(mapping_) &&
                     std::memcmp(&m.config, &config_, sizeof config_) == 0;
  if (sound) return false;
  damaged_ = true;
  failure_ = "the program wrote over csim's own memory";
  return true;
}

void Session::NoteEnd(int status) {
  const pid_t group = pid_;
  pid_ = -1;
  kill(-group, SIGKILL);
  if (FindDamage()) return;
  const Phase phase = mapping_->control.phase;
  if (phase == Phase::kDone) return;
  if (phase == Phase::kFailed) {
    failure_.assign(mapping_->control.failure,
                    strnlen(mapping_->control.failure, sizeof mapping_->control.failure));
  } else if (phase == Phase::kStarting) {
    failure_ = WIFSIGNALED(status)
                   ? std::string("the program was killed before main by signal ") +
                         std::to_string(WTERMSIG(status))
                   : std::string("the program ended before main (is it built with csim?)");
  } else {
    failure_ = "the program's process ended unexpectedly (was it killed from outside?)";
  }
}

void Session::Wait(std::chrono::milliseconds period, const std::function<void()>& tick,
                   const std::function<bool()>& stop) {
  const Clock::time_point start = Clock::now();
  Clock::time_point next_tick = start + period;
  Clock::time_point asked{};
  auto pause = std::chrono::microseconds(200);
  while (pid_ > 0) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) return NoteEnd(status);
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(10000));
    if (FindDamage()) return Kill();
    const Clock::time_point now = Clock::now();
    if (tick && now >= next_tick) {
      tick();
      next_tick = now + period;
    }
    const bool asked_before = asked != Clock::time_point{};
    if (!asked_before && stop && stop()) interrupted_ = true;
    if (!asked_before && time_limit_ > 0 && SecondsSince(start) > time_limit_) timed_out_ = true;
    if (!asked_before && (interrupted_ || timed_out_)) {
      mapping_->control.stop_request = 1;
      asked = now;
    }
    if (asked_before && now - asked > std::chrono::seconds(1)) return Kill();
  }
}

const void* Session::At(uint64_t offset, uint64_t size) const {
  if (offset > kMappingSize || size > kMappingSize - offset) return nullptr;
  return reinterpret_cast<const char*>(mapping_) + offset;
}

std::vector<ScheduleRun> Session::ScheduleAt(uint64_t offset, uint32_t runs) const {
  const auto* p = static_cast<const ScheduleRun*>(At(offset, uint64_t{runs} * sizeof(ScheduleRun)));
  if (p == nullptr || offset == 0) return {};
  return {p, p + runs};
}

std::vector<LocationKey> Session::Racy(uint32_t count) const {
  count = std::min(count, kMaxRacy);
  return {mapping_->racy, mapping_->racy + count};
}

}  // namespace csim
